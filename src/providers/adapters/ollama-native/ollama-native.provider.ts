import { defineProvider } from '../../define-provider.js';
import { bearerToken } from '../openai-compatible/compatible-provider.js';
import { invalid, parseAnswer } from '../openai-compatible/parse-answer.js';
import { isObject, isText } from '../openai-compatible/wire.js';
import { fromOllamaBody } from './ollama-answer.js';
import { fromOllamaEmbeddings, toOllamaEmbeddings } from './ollama-embeddings.js';
import { toOllamaError } from './ollama-errors.js';
import { toOllamaBody } from './ollama-request.js';
import { OllamaChatStream } from './ollama-stream.js';

/**
 * Ollama in its own format, https://docs.ollama.com/api: what its OpenAI surface, which is `ollama`, cannot be told goes through here,
 * such as the context length (`options.num_ctx`), `keep_alive` and how much to think.
 */
export const ollamaNative = defineProvider({
  id: 'ollama-native',
  name: 'Ollama (its own format)',
  baseUrl: 'http://127.0.0.1:11434',
  auth: bearerToken,
  isCredentialRequired: false,
  defaultModels: [],
  chat: {
    path: '/api/chat',
    framing: 'ndjson',
    toBody: toOllamaBody,
    fromBody: (body, target) => fromOllamaBody(body, target),
    openStream: () => new OllamaChatStream(),
    // It fetches nothing.
    needsInlineMedia: true,
  },
  embeddings: {
    path: '/api/embed',
    toBody: toOllamaEmbeddings,
    fromBody: fromOllamaEmbeddings,
  },
  modelList: {
    path: '/api/tags',
    fromBody(body) {
      const { models } = parseAnswer(body).value;
      const names = Array.isArray(models) ? models.map((model: unknown) => isObject(model) && model['name']) : [false];
      if (!names.every(isText)) throw invalid('The upstream sent no list of models.');
      return names;
    },
  },
  toError: toOllamaError,
});
