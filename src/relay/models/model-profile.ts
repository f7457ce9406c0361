import { joinCapabilities } from '../../capabilities/join-capabilities.js';
import { type ModelType, modelTypeOf } from '../../capabilities/model-type.js';
import type { CatalogModel } from '../../channels/catalog.types.js';
import type { ModelCapabilities } from '../../channels/model-routing.js';
import { describeModel } from '../../jobs/describe-model.js';
import type { VideoModel } from '../../providers/canonical/video.js';
import type { Provider } from '../../providers/provider.js';
import type { Candidate } from '../../routing/candidate.js';
import { imageWayOf } from '../../routing/image-way.js';

/** Without which a provider cannot serve a model of the kind, whatever its name says. */
const OPERATIONS = {
  chat: 'chat',
  completion: 'completions',
  embedding: undefined,
  image: undefined,
  transcription: 'transcriptions',
  speech: 'speech',
  moderation: 'moderations',
  rerank: 'rerank',
} as const satisfies Partial<Record<ModelType, keyof Provider | undefined>>;

/** What a model is and can, the same for every caller. What nobody knows is left out. */
export interface ModelProfile {
  readonly type?: ModelType;
  readonly capabilities: Readonly<Record<string, unknown>>;
}

/**
 * What a model is and can, by all of its channels and by its operator.
 * @param candidates of the model, the first choice first.
 */
export function toProfile(model: CatalogModel, candidates: readonly Candidate[]): ModelProfile {
  const video = candidates.map((candidate) => describeModel(candidate, model.video)).find((each) => each !== undefined);
  const known = joinCapabilities(candidates.map(({ capabilities }) => capabilities));
  const isPictured = candidates.some((candidate) => imageWayOf(candidate)?.kind === 'task');
  const type = video === undefined ? (isPictured ? 'image' : chosenType(candidates)) : 'video';
  return {
    ...(type !== undefined && { type }),
    capabilities: { ...toShown(known), ...(video !== undefined && toShownVideo(video)) },
  };
}

function chosenType([first]: readonly Candidate[]): ModelType | undefined {
  if (first === undefined) return undefined;
  const { provider, target } = first;
  const type = modelTypeOf(target.upstreamModel);
  const operation = type && OPERATIONS[type];
  return operation !== undefined && provider[operation] === undefined ? undefined : type;
}

function toShown(known: ModelCapabilities): Record<string, unknown> {
  const shown = {
    context_tokens: known.contextTokens,
    output_tokens_max: known.outputTokensMax,
    tools: known.tools,
    vision: known.vision,
    audio_input: known.audioInput,
    file_input: known.fileInput,
    json_schema: known.jsonSchema,
    reasoning: known.reasoning,
    choices: known.choices,
    image_sizes: known.imageSizes,
    retires_on: known.retiresOn,
  };
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined));
}

/** In the words of `GET /api/video/models`, spelled as this endpoint spells things. */
function toShownVideo(video: VideoModel): Record<string, unknown> {
  return {
    durations: video.durations,
    resolutions: video.resolutions,
    aspect_ratios: video.aspectRatios,
    image_input: video.image,
    last_frame: video.hasLastFrame,
    audio: video.audio,
    negative_prompt: video.hasNegativePrompt,
    seed: video.hasSeed,
    count_max: video.countMax,
    prompt_chars_max: video.promptCharsMax,
  };
}
