import { defineProvider } from '../../define-provider.js';
import type { AuthStyle, ChatOperation, EmbeddingsOperation, ImagesOperation } from '../../provider.js';
import { chooseChat } from '../openai/choose-chat.js';
import { needsResponses } from '../openai/needs-responses.js';
import { fieldsRefusedBy, isReasoning } from '../openai/thinking-models.js';
import { chatOperation, embeddingsOperation, imagesOperation } from '../openai-compatible/compatible-provider.js';
import { completionsOperation } from '../openai-compatible/completions.js';
import { speechOperation } from '../openai-compatible/speech.js';
import { transcriptionsOperation } from '../openai-compatible/transcriptions.js';
import { responsesChat } from '../openai-responses/responses-chat.js';
import { AZURE_ERRORS, toAzureError } from './azure-errors.js';
import { bareTarget, checkAzureUrl, pathTo, RESPONSES_PATH } from './azure-paths.js';

/** An Entra ID token is a JWT and goes where OAuth has it; a key has its own header. Both at once are refused. */
const keyOrToken: AuthStyle = (credential): Readonly<Record<string, string>> =>
  /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(credential)
    ? { authorization: `Bearer ${credential}` }
    : { 'api-key': credential };

const chat = chatOperation({
  chat: {
    // Deployments are mostly named like their models. Behind other names may be a reasoning model too, which takes the newer word only; what
    // a caller of chats has worded goes through as it is given.
    outputCap: (model) => ({ name: 'max_completion_tokens', isOtherNameTaken: !isReasoning(model) }),
    refusedFields: (model, body) => fieldsRefusedBy(model, body['reasoning_effort']),
    refusedMessageFields: new Set(['reasoning_details']),
  },
  errors: AZURE_ERRORS,
});
const embeddings = embeddingsOperation({
  embeddings: { inputsMax: 2048, hasBase64: true, hasTokenInput: true },
  errors: AZURE_ERRORS,
});
const images = imagesOperation({
  images: { refusesResponseFormat: (model) => /^(?:gpt-image-|chatgpt-image-)/.test(model) },
  errors: AZURE_ERRORS,
});
const completions = completionsOperation({}, AZURE_ERRORS);
const transcriptions = transcriptionsOperation({ hasEvents: true }, AZURE_ERRORS);
const speech = speechOperation({ hasEvents: true }, AZURE_ERRORS);

/**
 * Azure OpenAI, https://learn.microsoft.com/azure/ai-services/openai/reference: each channel gives the base URL of its resource, which
 * says which surface is meant, and maps public names to deployments; see `pathTo`. There is no list of models: the one that Azure has
 * is of what could be deployed.
 */
export const azureOpenAi = defineProvider({
  id: 'azure-openai',
  name: 'Azure OpenAI',
  auth: keyOrToken,
  checkBaseUrl: checkAzureUrl,
  defaultModels: [],
  // What Azure's support asks for.
  passResponseHeaders: ['apim-request-id'],
  chat: chooseChat(
    ofDeployment({ ...chat, path: pathTo('/chat/completions') }),
    { ...ofDeployment(responsesChat), path: RESPONSES_PATH },
    (upstreamModel, request) =>
      needsResponses(bareTarget({ upstreamModel, publicModel: upstreamModel }).upstreamModel, request),
  ),
  embeddings: {
    ...embeddings,
    path: pathTo('/embeddings'),
    toBody: (request, target) => embeddings.toBody(request, bareTarget(target)),
  } satisfies EmbeddingsOperation,
  images: {
    ...images,
    path: pathTo('/images/generations'),
    toBody: (request, target) => images.toBody(request, bareTarget(target)),
  } satisfies ImagesOperation,
  imageEdits: { path: pathTo('/images/edits') },
  completions: {
    ...completions,
    path: pathTo('/completions'),
    toBody: (request, target) => completions.toBody(request, bareTarget(target)),
  },
  transcriptions: {
    ...transcriptions,
    path: pathTo('/audio/transcriptions'),
    translationsPath: pathTo('/audio/translations'),
    toFields: (request, target) => transcriptions.toFields(request, bareTarget(target)),
  },
  speech: {
    ...speech,
    path: pathTo('/audio/speech'),
    toBody: (request, target) => speech.toBody(request, bareTarget(target)),
  },
  toError: toAzureError,
});

/** The same operation for targets whose name may carry a version. */
function ofDeployment(operation: ChatOperation): ChatOperation {
  return {
    ...operation,
    toBody: (request, target, options) => operation.toBody(request, bareTarget(target), options),
    fromBody: (body, target, request) => operation.fromBody(body, bareTarget(target), request),
    openStream: (target, request) => operation.openStream(bareTarget(target), request),
  };
}
