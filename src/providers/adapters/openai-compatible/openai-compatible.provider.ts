import { compatibleProvider } from './compatible-provider.js';
import { type ErrorRules, UNVERIFIED } from './error-rules.js';
import { openAiVideo } from './openai-video.js';
import { compatibleVideoModelOf, GENERIC_VIDEO_MODEL } from './openai-video-models.js';

const ERRORS: ErrorRules = { texts: [UNVERIFIED] };

/** What servers call the cap on the output beside OpenAI's names, and heed before those (llama.cpp). */
const OWN_CAPS = ['n_predict'];

/** Any server that speaks OpenAI's format; each channel gives its own base URL and models. */
export const openaiCompatible = compatibleProvider({
  id: 'openai-compatible',
  name: 'OpenAI-compatible server',
  isCredentialRequired: false,
  defaultModels: [],
  hasModelList: true,
  chat: { refusedFields: OWN_CAPS },
  // Base64 is asked for as by the caller: a server that ignores the wish is converted all the same.
  embeddings: { hasBase64: true, hasTokenInput: true },
  images: { refusesResponseFormat: (model) => model.startsWith('gpt-image-') },
  imageEditsPath: '/images/edits',
  completions: { refusedFields: OWN_CAPS },
  moderations: {},
  transcriptions: { hasTranslations: true, hasEvents: true },
  speech: { hasEvents: true },
  rerank: {},
  errors: ERRORS,
  video: openAiVideo({
    defaultModel: 'sora-2',
    modelOf: compatibleVideoModelOf,
    genericModel: GENERIC_VIDEO_MODEL,
    errorRules: ERRORS,
    note: 'A model is one for videos when its name says so, or when `HUB_CONFIG` does.',
  }),
});
