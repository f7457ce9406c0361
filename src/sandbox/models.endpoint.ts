import type { Reply } from './reply.js';
import { SandboxError } from './sandbox-error.js';
import type { JsonObject, SandboxRequest } from './sandbox-request.js';

/** What a model is for. */
export type ModelFamily =
  | 'chat'
  | 'embeddings'
  | 'images'
  | 'videos'
  | 'completions'
  | 'moderations'
  | 'speech'
  | 'transcriptions'
  | 'rerank';

interface SandboxModel {
  readonly family: ModelFamily;
  /** The dated name that replies carry: OpenAI answers with the snapshot, not with the alias that was asked for. */
  readonly snapshot: string;
  readonly created: number;
}

const MODELS: ReadonlyMap<string, SandboxModel> = new Map([
  ['gpt-4', { family: 'chat', snapshot: 'gpt-4-0613', created: 1687882411 }],
  ['gpt-4o', { family: 'chat', snapshot: 'gpt-4o-2024-08-06', created: 1715367049 }],
  ['gpt-4o-mini', { family: 'chat', snapshot: 'gpt-4o-mini-2024-07-18', created: 1721172741 }],
  ['dall-e-3', { family: 'images', snapshot: 'dall-e-3', created: 1698785189 }],
  ['gpt-image-1', { family: 'images', snapshot: 'gpt-image-1', created: 1745517030 }],
  ['text-embedding-3-small', { family: 'embeddings', snapshot: 'text-embedding-3-small', created: 1705948997 }],
  ['text-embedding-3-large', { family: 'embeddings', snapshot: 'text-embedding-3-large', created: 1705953180 }],
  ['gpt-3.5-turbo-instruct', { family: 'completions', snapshot: 'gpt-3.5-turbo-instruct', created: 1692901427 }],
  ['omni-moderation-latest', { family: 'moderations', snapshot: 'omni-moderation-latest', created: 1731689265 }],
  ['tts-1', { family: 'speech', snapshot: 'tts-1', created: 1681940951 }],
  ['whisper-1', { family: 'transcriptions', snapshot: 'whisper-1', created: 1677532384 }],
  ['sandbox-rerank', { family: 'rerank', snapshot: 'sandbox-rerank', created: 1764115200 }],
  ['sandbox-video', { family: 'videos', snapshot: 'sandbox-video', created: 1764115200 }],
]);

/** `GET /v1/models`. */
export function listModels(): Reply {
  const data = [...MODELS].map(([id, model]) => ({ id, object: 'model', created: model.created, owned_by: 'system' }));
  return { type: 'json', body: { object: 'list', data } };
}

/** `GET /v1/models/{id}`; `id` is already decoded. */
export function getModel(id: string): Reply {
  const model = MODELS.get(id);
  if (model === undefined) throw unknownModel(id);
  return { type: 'json', body: { id, object: 'model', created: model.created, owned_by: 'system' } };
}

/**
 * Reads `model` and checks that this endpoint serves it.
 * @returns the name as asked and the snapshot name for the reply.
 */
export function readModel(
  request: SandboxRequest,
  body: JsonObject,
  family: ModelFamily,
): { readonly name: string; readonly snapshot: string } {
  const name = body['model'];
  if (typeof name !== 'string' || name === '') {
    throw new SandboxError(400, 'You must provide a model parameter.', 'model', 'missing_required_parameter');
  }
  const known = MODELS.get(name);
  if (known === undefined) {
    if (request.acceptsAnyModel) return { name, snapshot: name };
    throw unknownModel(name);
  }
  if (known.family !== family) {
    // A fault of the caller. A 404 would say that the account lacks the model, which callers of a gateway cannot change.
    const message = `The model '${name}' is for ${known.family}, not for ${family}.`;
    throw new SandboxError(400, message, 'model', 'unsupported_value');
  }
  return { name, snapshot: known.snapshot };
}

function unknownModel(name: string): SandboxError {
  const message = `The model '${name}' does not exist or you do not have access to it.`;
  return new SandboxError(404, message, 'model', 'model_not_found');
}
