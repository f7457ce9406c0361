import type { ModelListOperation } from '../../provider.js';
import { invalid, parseAnswer } from '../openai-compatible/parse-answer.js';
import { isObject, isText } from '../openai-compatible/wire.js';

/** https://docs.cohere.com/reference/list-models; one page holds more than there are. */
export const COHERE_MODEL_LIST: ModelListOperation = {
  path: '/v1/models?page_size=1000',
  fromBody(body) {
    const { models } = parseAnswer(body).value;
    if (!Array.isArray(models)) throw invalid('The upstream sent no list of models.');
    return models.map((model: unknown) => {
      if (!isObject(model) || !isText(model['name'])) throw invalid('The upstream sent no list of models.');
      return model['name'];
    });
  },
};
