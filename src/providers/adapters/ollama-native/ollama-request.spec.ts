import { describe, expect, it } from '@jest/globals';
import { JsonSource } from '../../../common/json-source.js';
import { toOllamaBody } from './ollama-request.js';

function ask(options: unknown, outputTokensCap?: number) {
  const source = JsonSource.of({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], options });
  const request = { source, model: 'm', isStream: true, includeUsage: false, choiceCount: 1, outputTokensCap };
  const { body, droppedParams } = toOllamaBody(request, { upstreamModel: 'm', publicModel: 'm' }, {});
  return { options: JSON.parse(Buffer.from(body).toString()).options, droppedParams };
}

describe("a caller's own options of Ollama", () => {
  it.each([-1, -2, 11, '5', null, [1]])(
    'cannot lift the cap, for which money is set aside: num_predict %j',
    (wanted) => {
      expect(ask({ num_predict: wanted, num_ctx: 4096 }, 10)).toEqual({
        options: { num_predict: 10, num_ctx: 4096 },
        droppedParams: ['options.num_predict'],
      });
    },
  );

  it('may lower the cap, and be the only one', () => {
    expect(ask({ num_predict: 3 }, 10)).toEqual({ options: { num_predict: 3 }, droppedParams: [] });
    expect(ask({ num_predict: 3 })).toEqual({ options: { num_predict: 3 }, droppedParams: [] });
  });
});
