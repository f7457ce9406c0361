import type { ModelSettings } from '../../../channels/own-models.js';
import { invalidRequest } from '../../../common/hub-error.js';
import { HubConfigError } from '../../../config/hub-config.js';
import { parseHubConfig } from '../../../config/parse-hub-config.js';
import { checkMost, isText } from '../check-input.js';
import type { CreateModelInput, UpdateModelInput } from './model.input.js';

const VIDEO_LEVELS_MAX = 4;
const VIDEO_CHARS_MAX = 16_384;

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
 * @throws HubError 400 naming the field.
 */
export function changedSettings(
  input: Omit<CreateModelInput | UpdateModelInput, 'id' | 'version'>,
  before: ModelSettings,
): ModelSettings {
  const { onDisconnect, outputTokensDefault, video, limits } = input;
  return {
    onDisconnect: onDisconnect ?? before.onDisconnect,
    outputTokensDefault:
      outputTokensDefault === undefined
        ? before.outputTokensDefault
        : checkMost(outputTokensDefault, 'outputTokensDefault'),
    video: video === undefined ? before.video : checkVideoPatch(video),
    routing: before.routing,
    rpm: limits === undefined ? before.rpm : checkMost(limits?.rpm ?? null, 'limits.rpm'),
    tpm: limits === undefined ? before.tpm : checkMost(limits?.tpm ?? null, 'limits.tpm'),
    concurrency:
      limits === undefined ? before.concurrency : checkMost(limits?.concurrency ?? null, 'limits.concurrency'),
  };
}

/** By the rules of the configuration file, so that there is one set of them: JSON is YAML. */
function checkVideoPatch(video: unknown): ModelSettings['video'] {
  if (video === null) return null;
  const text = hasFewLevels(video, VIDEO_LEVELS_MAX) ? JSON.stringify({ models: [{ id: 'model', video }] }) : '';
  if (text === '' || text.length > VIDEO_CHARS_MAX)
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
