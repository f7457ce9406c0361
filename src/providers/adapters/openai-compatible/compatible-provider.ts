import { defineProvider } from '../../define-provider.js';
import type { AuthStyle, ChatOperation, EmbeddingsOperation, ImagesOperation, Provider } from '../../provider.js';
import { toChatBody } from './chat-request.js';
import { fromChatBody } from './chat-response.js';
import { CompatibleChatStream } from './chat-stream.js';
import { completionsOperation } from './completions.js';
import { fromEmbeddingsBody, toEmbeddingsBody } from './embeddings.js';
import type { ErrorRules } from './error-rules.js';
import { toProviderError } from './errors.js';
import { fromImagesBody, toImagesBody } from './images.js';
import { MODEL_LIST } from './model-list.js';
import { moderationsOperation } from './moderations.js';
import { rerankOperation } from './rerank.js';
import { speechOperation } from './speech.js';
import { transcriptionsOperation } from './transcriptions.js';
import type { ChatDialect, EmbeddingsDialect, ImagesDialect, Vendor } from './vendor.js';

/** `Authorization: Bearer …`; no header for a server that works without a credential. */
export const bearerToken: AuthStyle = (credential): Readonly<Record<string, string>> =>
  credential === '' ? {} : { authorization: `Bearer ${credential}` };

/** Makes a provider from the description of a vendor that speaks OpenAI's format. */
export function compatibleProvider(vendor: Vendor): Provider {
  const {
    chat: chatDialect,
    embeddings,
    images,
    ownImages,
    errors,
    imageEditsPath,
    hasModelList,
    wrapChat,
    completions,
    moderations,
    transcriptions,
    speech,
    rerank,
    ...identity
  } = vendor;
  const chat = chatDialect === undefined ? undefined : chatOperation({ chat: chatDialect, errors });
  return defineProvider({
    ...identity,
    auth: bearerToken,
    chat: chat === undefined || wrapChat === undefined ? chat : wrapChat(chat),
    embeddings: embeddings === undefined ? undefined : embeddingsOperation({ embeddings, errors }),
    images: images === undefined ? ownImages : imagesOperation({ images, errors }),
    imageEdits: imageEditsPath === undefined ? undefined : { path: imageEditsPath },
    completions: completions && completionsOperation(completions, errors),
    moderations: moderations && moderationsOperation(moderations, errors),
    transcriptions: transcriptions && transcriptionsOperation(transcriptions, errors),
    speech: speech && speechOperation(speech, errors),
    rerank: rerank && rerankOperation(rerank, errors),
    modelList: hasModelList === true ? MODEL_LIST : undefined,
    toError: (failure) => toProviderError(failure, errors),
  });
}

/** Chat as a vendor of OpenAI's format has it. */
export function chatOperation({
  chat,
  errors,
}: {
  readonly chat: ChatDialect;
  readonly errors?: ErrorRules;
}): ChatOperation {
  return {
    path: chat.path ?? '/chat/completions',
    toBody: (request, target, options) => toChatBody(chat, request, target, options),
    fromBody: (body, target) => fromChatBody(chat, errors, body, target),
    openStream: () => new CompatibleChatStream(chat, errors),
    canPrefill: chat.prefill?.isTaken,
  };
}

/** Embeddings as a vendor of OpenAI's format has them. */
export function embeddingsOperation({
  embeddings,
  errors,
}: {
  readonly embeddings: EmbeddingsDialect;
  readonly errors?: ErrorRules;
}): EmbeddingsOperation {
  return {
    path: embeddings.path ?? '/embeddings',
    inputsMax: embeddings.inputsMax,
    toBody: (request, target) => toEmbeddingsBody(embeddings, request, target),
    fromBody: (body, request, target) => fromEmbeddingsBody(errors, body, request, target),
  };
}

/** Pictures as a vendor of OpenAI's format has them. */
export function imagesOperation({
  images,
  errors,
}: {
  readonly images: ImagesDialect;
  readonly errors?: ErrorRules;
}): ImagesOperation {
  return {
    path: images.path ?? '/images/generations',
    options: images.options,
    toBody: (request, target) => toImagesBody(images, request, target),
    fromBody: (body) => fromImagesBody(errors, body),
  };
}
