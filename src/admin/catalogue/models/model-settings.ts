import type { ModelSettings } from '../../../channels/own-models.js';
import { invalidRequest } from '../../../common/hub-error.js';
import { HubConfigError } from '../../../config/hub-config.js';
import { parseHubConfig } from '../../../config/parse-hub-config.js';
import { checkMost, checkText, isText } from '../check-input.js';
import type { CreateModelInput, UpdateModelInput } from './model.input.js';
import type { ModelRoutingType } from './model-routing.type.js';

const VIDEO_LEVELS_MAX = 4;
const DOCUMENT_CHARS_MAX = 16_384;

/** What a new model is when nothing is said. */
export const NEW_MODEL: ModelSettings = {
  onDisconnect: 'abort',
  outputTokensDefault: null,
  video: null,
  routing: null,
  rpm: null,
  tpm: null,
  concurrency: null,
};

/**
 * The settings of a model after a change; what the input leaves out stays as it was.
 * @param input with the model's public name, which its fallbacks must not be.
 * @throws HubError 400 naming the field.
 */
export function changedSettings(
  input: Omit<CreateModelInput | UpdateModelInput, 'version'>,
  before: ModelSettings,
): ModelSettings {
  const { id, onDisconnect, outputTokensDefault, video, limits, routing } = input;
  return {
    onDisconnect: onDisconnect ?? before.onDisconnect,
    outputTokensDefault:
      outputTokensDefault === undefined
        ? before.outputTokensDefault
        : checkMost(outputTokensDefault, 'outputTokensDefault'),
    video: video === undefined ? before.video : checkVideoPatch(video),
    routing: routing === undefined ? before.routing : checkModelRouting(id, routing),
    rpm: limits === undefined ? before.rpm : checkMost(limits?.rpm ?? null, 'limits.rpm'),
    tpm: limits === undefined ? before.tpm : checkMost(limits?.tpm ?? null, 'limits.tpm'),
    concurrency:
      limits === undefined ? before.concurrency : checkMost(limits?.concurrency ?? null, 'limits.concurrency'),
  };
}

/** By the rules of the configuration file, as {@link checkVideoPatch}. @param model its public name. */
function checkModelRouting(model: string, input: ModelRoutingType | null): ModelSettings['routing'] {
  if (input === null) return null;
  for (const [index, { model: name }] of (input.fallbacks ?? []).entries()) {
    checkText(name, `routing.fallbacks[${index}].model`);
  }
  // What is null is not said. A variable of the file is nothing but a text here.
  const stated: object = JSON.parse(JSON.stringify(input), (_, value) => value ?? undefined);
  const text = JSON.stringify({ models: [{ ...stated, id: model }] }).replaceAll('${', () => '$${');
  if (text.length > DOCUMENT_CHARS_MAX) throw invalidRequest('"routing" is larger than any there is.', 'routing');
  try {
    const { models } = parseHubConfig(text, { fileName: 'routing', env: {}, providers: [], checkPrice: () => [] });
    return models[0]?.routing ?? null;
  } catch (error) {
    if (!(error instanceof HubConfigError)) throw error;
    const problems = error.problems.map((problem) => problem.replace(/^routing:\d+: models\[0\]/, 'routing'));
    // Each begins with the place that it is about.
    throw invalidRequest(`${problems.join('; ')}.`, problems[0]?.split(' ')[0] ?? 'routing');
  }
}

/** By the rules of the configuration file, so that there is one set of them: JSON is YAML. */
function checkVideoPatch(video: unknown): ModelSettings['video'] {
  if (video === null) return null;
  const text = hasFewLevels(video, VIDEO_LEVELS_MAX) ? JSON.stringify({ models: [{ id: 'model', video }] }) : '';
  if (text === '' || text.length > DOCUMENT_CHARS_MAX)
    throw invalidRequest('"video" is larger than any there is.', 'video');
  const patch = parseVideoPatch(text);
  if (patch?.options?.every(isText) === false) {
    throw invalidRequest('"video.options" must not contain control characters.', 'video');
  }
  return patch;
}

function parseVideoPatch(text: string): ModelSettings['video'] {
  try {
    const { models } = parseHubConfig(text, { fileName: 'video', env: {}, providers: [], checkPrice: () => [] });
    return models[0]?.video ?? null;
  } catch (error) {
    if (!(error instanceof HubConfigError)) throw error;
    const problems = error.problems.map((problem) => problem.replace(/^video:\d+: /, '').replace('models[0].', ''));
    throw invalidRequest(`${problems.join('; ')}.`, 'video');
  }
}

/** What is nested deeper than this would exhaust the stack of whoever looks at it. */
function hasFewLevels(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => hasFewLevels(each, levels - 1));
}
