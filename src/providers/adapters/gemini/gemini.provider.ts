import { defineProvider } from '../../define-provider.js';
import { fromGeminiBody } from './gemini-answer.js';
import { EMBEDDINGS_MAX, fromGeminiEmbeddings, toGeminiEmbeddings } from './gemini-embeddings.js';
import { toGeminiError } from './gemini-errors.js';
import { GEMINI_MODEL_LIST } from './gemini-model-list.js';
import { bareName, goesOn, pathTo } from './gemini-models.js';
import { toGeminiBody } from './gemini-request.js';
import { GeminiChatStream } from './gemini-stream.js';
import { geminiVideo } from './gemini-video.js';
import { googleImages } from './google-images.js';

/** The Gemini API in its own format: https://ai.google.dev/api/generate-content */
export const gemini = defineProvider({
  id: 'gemini',
  name: 'Google Gemini',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  // Never as `?key=`, which ends up in logs.
  auth: (credential): Readonly<Record<string, string>> => (credential === '' ? {} : { 'x-goog-api-key': credential }),
  environment: { apiKey: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'], baseUrl: ['GEMINI_BASE_URL'] },
  defaultModels: [
    'gemini-3.8-flash',
    'gemini-3.5-flash',
    'gemini-3.5-flash-lite',
    'gemini-3.1-pro-preview',
    'gemini-embedding-2',
    'gemini-3.1-flash-image',
    'gemini-omni-1.1-flash',
  ],
  chat: {
    path: ({ upstreamModel }, isStream) =>
      isStream ? `${pathTo(upstreamModel, 'streamGenerateContent')}?alt=sse` : pathTo(upstreamModel, 'generateContent'),
    toBody: toGeminiBody,
    fromBody: fromGeminiBody,
    openStream: (target) => new GeminiChatStream(target),
    canPrefill: (upstreamModel) => goesOn(bareName(upstreamModel)),
    // `fileData` takes only files of Google's own stores on every model.
    needsInlineMedia: true,
  },
  embeddings: {
    path: ({ upstreamModel }) => pathTo(upstreamModel, 'batchEmbedContents'),
    inputsMax: EMBEDDINGS_MAX,
    toBody: toGeminiEmbeddings,
    fromBody: fromGeminiEmbeddings,
  },
  images: googleImages(pathTo),
  video: geminiVideo,
  modelList: GEMINI_MODEL_LIST,
  toError: toGeminiError,
});
