import { ProviderError } from '../../canonical/provider-error.js';
import type { ModelListOperation } from '../../provider.js';
import { isObject, isText } from '../openai-compatible/wire.js';
import { bareName } from './gemini-models.js';
import { parseJson } from './parse-json.js';

/** What the hub asks of a model; others (live sessions) are listed too, and are of no use here. */
const METHODS: ReadonlySet<unknown> = new Set([
  'generateContent',
  'embedContent',
  'batchEmbedContents',
  'predict',
  'predictLongRunning',
]);

/**
 * `GET /models`: https://ai.google.dev/api/models#method:-models.list. Pages are of 50 unless asked otherwise, and of 1,000 at most,
 * which is all of them.
 */
export const GEMINI_MODEL_LIST: ModelListOperation = { path: '/models?pageSize=1000', fromBody: readList };

function readList(body: Uint8Array): readonly string[] {
  const value = parseJson(body);
  const models = isObject(value) ? value['models'] : undefined;
  if (!Array.isArray(models)) throw notAList();
  const names: string[] = [];
  for (const model of models as readonly unknown[]) {
    if (!isObject(model) || !isText(model['name'])) throw notAList();
    const methods = model['supportedGenerationMethods'];
    if (!Array.isArray(methods) || methods.some((method) => METHODS.has(method))) names.push(bareName(model['name']));
  }
  return names;
}

function notAList(): ProviderError {
  return new ProviderError({ kind: 'invalid_response', message: 'The upstream sent no list of models.' });
}
