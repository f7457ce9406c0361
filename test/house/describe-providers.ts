import { sandboxProvider } from '../../src/providers/adapters/sandbox/sandbox-provider.js';
import { isRefusal } from '../../src/providers/canonical/error-row.js';
import type { VideoModel } from '../../src/providers/canonical/video.js';
import type { Provider, VideoOperation } from '../../src/providers/provider.js';
import { VENDORS } from '../../src/providers/vendors.js';
import { type VideoFixtures, videoFixturesOf } from '../contract/video/video-contract.js';
import { describePictures } from './describe-pictures.js';
import { code, describeLinks, isTested, list, table, untestedRows } from './markdown.js';

const SECONDS = 1000;
const DEADLINE_MINUTES = 60;
const HEAD = `# Providers

Written by \`npm run docs:providers\` from the declarations in \`src/providers/adapters\` and the recordings in \`test/fixtures\`; a
test fails when it is out of date. How a provider is declared, and how to add one, is in [adapters.md](adapters.md).
`;
const VIDEOS = `
## Videos

What is here is what a request is checked against: an option that a model does not have is refused by its name.
\`models[].video\` of \`HUB_CONFIG\` says otherwise where that is wrong for a model, or new.

A row of an error table is *tested* when the contract suite has an answer of that status and code, and wants of it what the
row says. *Again* means that the same call may succeed later. *Maybe made* marks an answer after which the task may exist all the
same: such a job is looked up, and never submitted again unasked.
`;
/** What each column says a provider has. */
const OPERATIONS: Readonly<Record<string, (provider: Provider) => boolean>> = {
  chat: ({ chat }) => chat !== undefined,
  embeddings: ({ embeddings }) => embeddings !== undefined,
  rerank: ({ rerank }) => rerank !== undefined,
  pictures: ({ images, imageTasks }) => images !== undefined || imageTasks !== undefined,
  videos: ({ video }) => video !== undefined,
  transcripts: ({ transcriptions }) => transcriptions !== undefined,
  speech: ({ speech }) => speech !== undefined,
  moderation: ({ moderations }) => moderations !== undefined,
  completions: ({ completions }) => completions !== undefined,
};

/** A provider of videos and the recordings its contract is kept by. */
interface Documented {
  readonly provider: Provider;
  readonly video: VideoOperation;
  readonly fixtures: VideoFixtures;
}

/** The text of docs/providers.md. */
export function describeProviders(): string {
  const documented = providersOfVideos();
  const untested = documented.flatMap(({ provider, video, fixtures }) =>
    untestedRows(video, fixtures).map((row) => `${provider.id} ${row.http} ${row.code}`.trim()),
  );
  const summary = table(
    ['provider', 'id', 'default model', 'results', 'links last', 'lost submissions', 'called off', 'callbacks'],
    documented.map(({ provider, video }) => [
      provider.name,
      code(provider.id),
      code(video.defaultModel),
      video.toContent === undefined ? 'by link' : 'behind the credential',
      describeLinks(video),
      video.lookup === undefined ? 'cannot be looked up' : 'looked up',
      video.cancel === undefined ? 'never' : `while ${video.cancel.states.join(' or ')}`,
      video.callback === undefined ? 'none' : 'signed',
    ]),
  );
  const rows = `Rows of error tables without a test: ${untested.length === 0 ? 'none' : untested.join(', ')}.`;
  return [
    HEAD,
    describeOperations(),
    VIDEOS,
    summary,
    '',
    rows,
    ...documented.map(describeProvider),
    describePictures(),
  ].join('\n');
}

function describeOperations(): string {
  return table(
    ['provider', 'id', ...Object.keys(OPERATIONS)],
    VENDORS.map((provider) => [
      provider.name,
      code(provider.id),
      ...Object.values(OPERATIONS).map((has) => (has(provider) ? 'yes' : '')),
    ]),
  );
}

/** Providers of videos, in the order of the registry. */
export function providersOfVideos(): readonly Documented[] {
  // The sandbox has no recordings of its own: it speaks OpenAI's format, and the suite runs against it as it is.
  const sandbox = sandboxProvider('http://127.0.0.1:1/v1');
  return [...VENDORS, sandbox].flatMap((provider) => {
    const { id, video } = provider;
    if (video === undefined) return [];
    return [{ provider, video, fixtures: videoFixturesOf(id === sandbox.id ? 'openai-compatible' : id) }];
  });
}

function describeProvider({ provider, video, fixtures }: Documented): string {
  const names = [...new Set([video.defaultModel, ...fixtures.submit.map(({ model }) => model)])];
  const models = Map.groupBy(
    names.flatMap((name) => {
      const model = video.modelOf(name);
      return model === undefined ? [] : [{ name, cells: describeModel(model) }];
    }),
    ({ cells }) => cells.join('|'),
  );
  const rows = [...models.values()].map((alike) => [
    alike.map(({ name }) => code(name)).join(', '),
    ...(alike[0]?.cells ?? []),
  ]);
  const generic = video.genericModel;
  if (generic !== undefined) rows.push(['any other that `HUB_CONFIG` declares', ...describeModel(generic)]);
  return [
    '',
    `### ${provider.name} (\`${provider.id}\`)`,
    '',
    ...describeChannel(provider, video).map((line) => `- ${line}`),
    '',
    table(['models', 'seconds', 'resolutions', 'aspect ratios', 'pictures', 'sound', 'also', 'options'], rows),
    '',
    describeErrors(video, fixtures),
  ].join('\n');
}

function describeChannel(provider: Provider, video: VideoOperation): readonly string[] {
  const { first = 5 * SECONDS, max = 15 * SECONDS } = video.statusEveryMs ?? {};
  const { apiKey = [], apiKeyPair } = provider.environment ?? {};
  const keys = [...apiKey.map(code), ...(apiKeyPair === undefined ? [] : [apiKeyPair.map(code).join(' and ')])];
  const offered = provider.defaultModels.filter((name) => video.modelOf(name) !== undefined);
  return [
    ...(video.note === undefined ? [] : [video.note]),
    keys.length === 0
      ? 'Channels: declared in `HUB_CONFIG`.'
      : `A channel from the environment: ${keys.join(', or ')}; its models for videos: ${list(offered)}.`,
    ...(provider.baseUrl === undefined || provider.id === 'sandbox'
      ? []
      : [`Task API: ${addressOf(provider.baseUrl, video)}`]),
    `Asked after ${first / SECONDS} s, then ever less often, at least every ${max / SECONDS} s.`,
    ...(video.callback === undefined
      ? []
      : [`Callbacks wake a job early: ${code(`${provider.id.toUpperCase().replaceAll('-', '_')}_CALLBACK_SECRET`)}.`]),
  ];
}

function addressOf(baseUrl: string, video: VideoOperation): string {
  const { origin, pathname } = new URL(baseUrl);
  const path = pathname.replace(/\/$/, '');
  return code(origin + (video.basePath?.(path) ?? path));
}

function describeModel(model: VideoModel): readonly string[] {
  const { durations, durationDefault, resolutions, resolutionDefault, audio, audioDefault } = model;
  const lengths = 'min' in durations ? `${durations.min} to ${durations.max}` : durations.join(', ');
  const isFixed = !('min' in durations) && durations.length === 1;
  return [
    isFixed ? lengths : `${lengths} (default ${durationDefault})`,
    resolutions
      .map((one) => (one === resolutionDefault && resolutions.length > 1 ? `${one} (default)` : one))
      .join(', '),
    model.aspectRatios.length === 0 ? 'not chosen' : model.aspectRatios.join(', '),
    describeFrames(model),
    audio === 'optional' ? `optional (default ${audioDefault ? 'on' : 'off'})` : audio,
    describeExtras(model),
    list(model.options),
  ];
}

function describeFrames({ image, hasLastFrame, imageForms }: VideoModel): string {
  if (image === 'none' && !hasLastFrame) return 'none';
  const last = hasLastFrame ? 'last frame optional' : '';
  const first = image === 'none' ? '' : `first frame ${image}`;
  const forms = imageForms.map((form) => (form === 'url' ? 'address' : 'bytes')).join(' or ');
  return `${[first, last].filter((text) => text !== '').join(', ')}; ${forms}`;
}

function describeExtras(model: VideoModel): string {
  const { hasNegativePrompt, hasSeed, countMax, promptCharsMax, deadlineMinutes = DEADLINE_MINUTES } = model;
  return [
    ...(hasNegativePrompt ? ['negative prompt'] : []),
    ...(hasSeed ? ['seed'] : []),
    ...(countMax > 1 ? [`up to ${countMax} videos`] : []),
    `prompt up to ${promptCharsMax} characters`,
    ...(deadlineMinutes === DEADLINE_MINUTES ? [] : [`given up after ${deadlineMinutes} min`]),
  ].join(', ');
}

function describeErrors(video: VideoOperation, { errors }: VideoFixtures): string {
  const rows = video.errors ?? [];
  return table(
    ['HTTP', 'code', 'is taken for', 'again', 'maybe made', 'the vendor means', 'tested'],
    rows.map((row) => [
      String(row.http),
      row.code === '' ? 'none' : code(row.code),
      code(row.kind),
      row.isRetryable ? 'yes' : 'no',
      isRefusal(row) ? 'no' : 'yes',
      row.call === undefined ? row.note : `${row.note} (only a ${row.call})`,
      isTested(rows, row, errors) ? 'yes' : 'no',
    ]),
  );
}
