import { isObject } from '../../../common/is-object.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { ModelListOperation } from '../../provider.js';

/** `GET /models` as OpenAI has it: https://platform.openai.com/docs/api-reference/models/list */
export const MODEL_LIST: ModelListOperation = { path: '/models', fromBody: readModelList };

function readModelList(body: Uint8Array): readonly string[] {
  const value = parse(body);
  const list = isObject(value) ? value['data'] : undefined;
  if (!Array.isArray(list)) throw notAList();
  return list.map((item: unknown) => {
    const id = isObject(item) ? item['id'] : undefined;
    if (typeof id !== 'string') throw notAList();
    return id;
  });
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw notAList();
  }
}

function notAList(): ProviderError {
  return new ProviderError({ kind: 'invalid_response', message: 'The upstream sent no list of models.' });
}
