import type { VideoModel } from '../../canonical/video.js';
import type { Provider } from '../../provider.js';
import { compatibleProvider } from '../openai-compatible/compatible-provider.js';
import { openAiVideo } from '../openai-compatible/openai-video.js';
import { GENERIC_VIDEO_MODEL } from '../openai-compatible/openai-video-models.js';

const VIDEO_MODEL = 'sandbox-video';
const SANDBOX_VIDEO: VideoModel = {
  ...GENERIC_VIDEO_MODEL,
  durations: { min: 1, max: 20 },
  durationDefault: 4,
  hasNegativePrompt: true,
  hasSeed: true,
  promptCharsMax: 32_000,
  deadlineMinutes: 10,
};

/**
 * The hub's own small upstream, for trying things out without a vendor.
 * @param baseUrl where it listens in this process, without a trailing slash.
 */
export function sandboxProvider(baseUrl: string): Provider {
  return compatibleProvider({
    id: 'sandbox',
    name: 'Sandbox',
    baseUrl,
    isCredentialRequired: false,
    defaultModels: [
      'gpt-4',
      'dall-e-3',
      'text-embedding-3-small',
      VIDEO_MODEL,
      'gpt-3.5-turbo-instruct',
      'omni-moderation-latest',
      'tts-1',
      'whisper-1',
      'sandbox-rerank',
    ],
    passResponseHeaders: ['x-hub-sandbox'],
    hasModelList: true,
    chat: {},
    embeddings: { hasBase64: true, hasTokenInput: true },
    images: {},
    imageEditsPath: '/images/edits',
    completions: {},
    moderations: {},
    transcriptions: { hasTranslations: true, hasEvents: true },
    speech: { hasEvents: true },
    rerank: {},
    video: openAiVideo({
      defaultModel: VIDEO_MODEL,
      modelOf: (name) => (name === VIDEO_MODEL ? SANDBOX_VIDEO : undefined),
      // It is done in seconds, and in this process.
      statusEveryMs: { first: 1_000, max: 2_000 },
    }),
  });
}
