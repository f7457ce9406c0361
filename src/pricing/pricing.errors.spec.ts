import { presentError } from '../common/present-error.js';
import { modelNotPriced } from './pricing.errors.js';

describe('modelNotPriced', () => {
  it('is a 503 that no SDK repeats, and tells the operator alone what to do', () => {
    const error = modelNotPriced('gpt-4');
    const { status, headers, body } = presentError(error, 'openai', 'req_1');
    expect(status).toBe(503);
    expect(headers).toMatchObject({ 'x-should-retry': 'false' });
    expect(headers).not.toHaveProperty('retry-after');
    expect(JSON.parse(body)).toEqual({
      error: {
        message: 'The model "gpt-4" cannot be used yet: it has no price. Please tell the operator of this hub.',
        type: 'server_error',
        param: 'model',
        code: 'model_not_priced',
      },
      message: expect.stringContaining('gpt-4'),
    });
    expect(error.detail).toContain('price:set');
  });

  it('names what there is no price for, where there is one for something else', () => {
    const error = modelNotPriced('sings', 'reranking');
    expect(error.message).toContain('it has no price for reranking');
    expect(error.detail).toContain('only one for something else');
  });
});
