import type { HubProcess } from '../support/hub-process.js';

/** Where chats are asked for. */
export const CHAT_PATH = '/api/relay/v1/chat/completions';

/** Asks a hub for a chat; `body` adds to or replaces parts of a plain request. */
export function askChat(
  hub: Pick<HubProcess, 'url' | 'apiKey'>,
  body: Readonly<Record<string, unknown>> = {},
  key: string = hub.apiKey,
): Promise<Response> {
  return fetch(hub.url + CHAT_PATH, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], ...body }),
  });
}

/** The status of a plain chat, its answer thrown away. */
export async function chatStatus(hub: Pick<HubProcess, 'url' | 'apiKey'>, key?: string): Promise<number> {
  const answer = await askChat(hub, {}, key);
  await answer.arrayBuffer();
  return answer.status;
}

/** A HUB_CONFIG with one channel that serves gpt-4; each model has a small price. */
export function configOf(baseUrl: string, models = 'gpt-4:'): string {
  const names = models.split(',').map((model) => model.split(':')[0]?.trim());
  return [
    'channels:',
    '  - id: main',
    '    provider: openai-compatible',
    `    baseUrl: ${baseUrl}`,
    '    apiKey: credential-of-the-upstream',
    '    allowPrivateNetwork: true',
    `    models: { ${models} }`,
    'models:',
    ...names.map((name) => `  - { id: ${name}, price: { inputPerMillion: "1", outputPerMillion: "2" } }`),
    '',
  ].join('\n');
}

/** The request lines of a hub's log. */
export function requestLines(hub: Pick<HubProcess, 'stdout'>): readonly Record<string, unknown>[] {
  return (
    hub
      .stdout()
      .split('\n')
      // What stands after the last line break has not come whole.
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['msg'] === 'request')
  );
}
