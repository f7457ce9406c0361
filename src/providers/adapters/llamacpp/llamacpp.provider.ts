import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** The server's own name for the cap on the output, which it heeds before OpenAI's: the answer would be longer than what is held for it. */
const OWN_CAPS = ['n_predict'];

/** https://github.com/ggml-org/llama.cpp/tree/master/tools/server, a server of the operator's own. */
export const llamacpp = compatibleProvider({
  id: 'llamacpp',
  name: 'llama.cpp server',
  baseUrl: 'http://127.0.0.1:8080/v1',
  isCredentialRequired: false,
  environment: { apiKey: ['LLAMACPP_API_KEY'], baseUrl: ['LLAMACPP_BASE_URL'] },
  defaultModels: [],
  // llama-cpp-python, which speaks as this server does, takes no notice of max_completion_tokens: the answer would have no
  // end. Observed with 0.3.36.
  hasModelList: true,
  chat: { outputCap: { name: 'max_tokens', isOtherNameTaken: false }, refusedFields: OWN_CAPS },
  embeddings: { hasBase64: true, hasTokenInput: true },
  completions: { refusedFields: OWN_CAPS },
  rerank: {},
});
