import { defineProvider } from '../../define-provider.js';
import type { AuthStyle, ChatOperation } from '../../provider.js';
import { fromGeminiBody } from '../gemini/gemini-answer.js';
import { goesOn } from '../gemini/gemini-models.js';
import { toGeminiBody } from '../gemini/gemini-request.js';
import { GeminiChatStream } from '../gemini/gemini-stream.js';
import { googleImages } from '../gemini/google-images.js';
import { chooseChat } from '../openai/choose-chat.js';
import { checkAccount, SERVICE_ACCOUNT_TOKENS, secretsOfAccount } from './service-account.js';
import { claudeChat } from './vertex-claude.js';
import { vertexEmbeddings } from './vertex-embeddings.js';
import { toVertexError } from './vertex-errors.js';
import { chatPath, checkVertexUrl, isClaude, vertexPath } from './vertex-paths.js';
import { vertexVideo } from './vertex-video.js';

/** API keys, of express mode and others, have a header of their own; all else is a token. */
const keyOrToken: AuthStyle = (credential): Readonly<Record<string, string>> =>
  /^(?:AIza|AQ\.)/.test(credential) ? { 'x-goog-api-key': credential } : { authorization: `Bearer ${credential}` };

const geminiChat: ChatOperation = {
  path: chatPath,
  // The first version of the API knows calls by their names and their order only.
  toBody: (request, target, options) => toGeminiBody(request, target, options, { hasCallIds: false }),
  fromBody: fromGeminiBody,
  openStream: (target) => new GeminiChatStream(target),
};

/**
 * Vertex AI: https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest. The base URL names project and location,
 * `https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION`, in express mode neither,
 * `https://aiplatform.googleapis.com/v1`. The credential is a service account's key file in one line, or an API key. Gemini and Veo are
 * shared with the provider `gemini`, Claude with `anthropic`.
 */
export const vertex = defineProvider({
  id: 'vertex',
  name: 'Google Vertex AI',
  auth: keyOrToken,
  accessTokens: SERVICE_ACCOUNT_TOKENS,
  secretsOf: secretsOfAccount,
  checkBaseUrl: checkVertexUrl,
  checkCredential: checkAccount,
  defaultModels: [],
  chat: {
    ...chooseChat(geminiChat, claudeChat, isClaude),
    speaks: (upstreamModel) => (isClaude(upstreamModel) ? 'anthropic' : undefined),
    canPrefill: (model) => (isClaude(model) ? claudeChat.canPrefill?.(model) === true : goesOn(model)),
    // `fileData` takes only files of Google's own stores; Claude takes no addresses on Vertex AI.
    needsInlineMedia: true,
  },
  embeddings: vertexEmbeddings,
  images: googleImages(vertexPath),
  video: vertexVideo,
  toError: toVertexError,
});
