import { type ModelType, modelTypeOf } from '../capabilities/model-type.js';
import type { OperationName } from '../routing/able-candidates.js';

/** What models of a kind are asked for, and a sentence for callers who ask them for something else. */
const PURPOSES: Readonly<
  Record<Exclude<ModelType, 'chat'>, { readonly operations: readonly OperationName[]; readonly hint: string }>
> = {
  completion: {
    operations: ['completions'],
    hint: 'It goes on with texts: send them to POST /api/relay/v1/completions.',
  },
  embedding: { operations: ['embeddings'], hint: 'It makes embeddings: send texts to POST /api/relay/v1/embeddings.' },
  image: {
    operations: ['images', 'imageEdits'],
    hint: 'It makes pictures: send prompts to POST /api/relay/v1/images/generations.',
  },
  video: { operations: [], hint: 'It makes videos: send them to POST /api/video/submit.' },
  transcription: {
    operations: ['transcriptions'],
    hint: 'It writes down sound: send files to POST /api/relay/v1/audio/transcriptions.',
  },
  speech: { operations: ['speech'], hint: 'It speaks: send texts to POST /api/relay/v1/audio/speech.' },
  moderation: { operations: ['moderations'], hint: 'It judges texts: send them to POST /api/relay/v1/moderations.' },
  rerank: { operations: ['rerank'], hint: 'It sorts documents: send them to POST /api/relay/v1/rerank.' },
};

/**
 * What a model is for, in a sentence for a caller who asked it for something else.
 * @param upstreamModel its upstream's name for it, which says what it is for.
 * @param makesVideos whether it is known to be one for videos, whatever its name.
 * @returns undefined where it is for what was asked, or nobody knows what it is for: a name that says nothing is not taken for one for chats.
 */
export function purposeHint(upstreamModel: string, operation: OperationName, makesVideos: boolean): string | undefined {
  const type = makesVideos ? 'video' : modelTypeOf(upstreamModel);
  if (type === undefined || type === 'chat') return undefined;
  const { operations, hint } = PURPOSES[type];
  return operations.includes(operation) ? undefined : hint;
}
