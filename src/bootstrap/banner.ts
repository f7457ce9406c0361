import type { BootstrapReport } from './bootstrap.service.js';
import { kindOfModel } from './kind-of-model.js';

/**
 * The text a start prints. Secrets are in it on the first start only, and only those that were generated: what the
 * environment supplied, and every later start, says `$HUB_API_KEY` instead.
 *
 * @param publicUrl without a trailing slash.
 */
export function renderBanner(report: BootstrapReport, publicUrl: string): string {
  const key = report.firstStart?.generatedApiKey;
  return render([
    [`UG AI Hub is running at ${publicUrl}`, `Documentation: ${publicUrl}/docs`],
    firstStartLines(report),
    report.isSandboxOn
      ? [
          'Sandbox: no provider is set up, so a small upstream of our own invents the answers (x-hub-sandbox: true).',
          'Set a provider key such as OPENAI_API_KEY, or HUB_CONFIG, and start again for real ones.',
        ]
      : [],
    report.notes,
    callLines(report.models, key ?? '$HUB_API_KEY', publicUrl),
  ]);
}

/**
 * What {@link renderBanner} says of a first start, for one that fails after it; empty when nothing was generated.
 */
export function renderSecrets(report: BootstrapReport): string {
  const { generatedPassword, generatedApiKey } = report.firstStart ?? {};
  return generatedPassword === undefined && generatedApiKey === undefined ? '' : render([firstStartLines(report)]);
}

function render(sections: readonly (readonly string[])[]): string {
  return `\n${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `  ${line}`.trimEnd()).join('\n'))
    .join('\n\n')}\n`;
}

function firstStartLines({ firstStart }: BootstrapReport): string[] {
  if (!firstStart) return [];
  const { adminEmail, generatedPassword, generatedApiKey, quotaUnits } = firstStart;
  const isSecretShown = generatedPassword !== undefined || generatedApiKey !== undefined;
  return [
    `First start. The account "default" has ${quotaUnits} quota units.`,
    `Administrator: ${adminEmail}`,
    `Password:      ${generatedPassword ?? 'as set in HUB_ADMIN_PASSWORD'}`,
    `API key:       ${generatedApiKey ?? 'as set in HUB_API_KEY'}`,
    ...(isSecretShown ? ['Keep these now: they are not shown again.'] : []),
  ];
}

function callLines(models: readonly string[], key: string, publicUrl: string): string[] {
  const health = ['Health:', `curl ${publicUrl}/api/health`];
  const model = models[0];
  if (model === undefined) {
    const hint = 'No model is served yet: set a provider key such as OPENAI_API_KEY, or HUB_CONFIG, and start again.';
    return [hint, '', ...health];
  }
  const post = (options: string, path: string, body: object) =>
    `curl ${options}${publicUrl}${path} -H "Authorization: Bearer ${key}" ` +
    `-H "Content-Type: application/json" -d ${quoted(body)}`;
  // Chat comes first where there is any.
  if (kindOfModel(model) === 'video') {
    return ['Video:', post('', '/api/video/submit', { model, prompt: 'A cat plays the piano.' }), '', ...health];
  }
  const chat = (options: string, extra: object) =>
    post(options, '/api/relay/v1/chat/completions', {
      model,
      messages: [{ role: 'user', content: 'Hello!' }],
      ...extra,
    });
  return ['Chat:', chat('', {}), '', 'Chat, streamed:', chat('-N ', { stream: true }), '', ...health];
}

/** A JSON body in single quotes, as a shell takes it literally. */
function quoted(body: object): string {
  return `'${JSON.stringify(body).replaceAll(`'`, `'\\''`)}'`;
}
