import { defineProvider } from '../../define-provider.js';
import type { AuthStyle, ChatOperation, EmbeddingsOperation, ImagesOperation, Provider } from '../../provider.js';
import { toChatBody } from './chat-request.js';
import { fromChatBody } from './chat-response.js';
import { CompatibleChatStream } from './chat-stream.js';
import { completionsOperation } from './completions.js';
import { fromEmbeddingsBody, toEmbeddingsBody } from './embeddings.js';
import { toProviderError } from './errors.js';
import { fromImagesBody, toImagesBody } from './images.js';
import { MODEL_LIST } from './model-list.js';
import { moderationsOperation } from './moderations.js';
import { rerankOperation } from './rerank.js';
import { speechOperation } from './speech.js';
import { transcriptionsOperation } from './transcriptions.js';
import type { Vendor } from './vendor.js';

/** `Authorization: Bearer …`; no header for a server that works without a credential. */
export const bearerToken: AuthStyle = (credential): Readonly<Record<string, string>> =>
  credential === '' ? {} : { authorization: `Bearer ${credential}` };

/** Makes a provider from the description of a vendor that speaks OpenAI's format. */
export function compatibleProvider(vendor: Vendor): Provider {
  const {
    chat: _chat,
    embeddings: _embeddings,
    images: _images,
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
  const chat = chatOperation(vendor);
  return defineProvider({
    ...identity,
    auth: bearerToken,
    chat: wrapChat === undefined ? chat : wrapChat(chat),
    embeddings: embeddingsOperation(vendor),
    images: imagesOperation(vendor),
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

function chatOperation({ chat, errors }: Vendor): ChatOperation {
  return {
    path: chat.path ?? '/chat/completions',
    toBody: (request, target, options) => toChatBody(chat, request, target, options),
    fromBody: (body, target) => fromChatBody(chat, errors, body, target),
    openStream: () => new CompatibleChatStream(chat, errors),
    canPrefill: chat.prefill?.isTaken,
  };
}

function embeddingsOperation({ embeddings, errors }: Vendor): EmbeddingsOperation | undefined {
  if (embeddings === undefined) return undefined;
  return {
    path: embeddings.path ?? '/embeddings',
    inputsMax: embeddings.inputsMax,
    toBody: (request, target) => toEmbeddingsBody(embeddings, request, target),
    fromBody: (body, request, target) => fromEmbeddingsBody(errors, body, request, target),
  };
}

function imagesOperation({ images, errors }: Vendor): ImagesOperation | undefined {
  if (images === undefined) return undefined;
  return {
    path: images.path ?? '/images/generations',
    toBody: (request, target) => toImagesBody(images, request, target),
    fromBody: (body) => fromImagesBody(errors, body),
  };
}
