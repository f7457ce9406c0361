import { JsonSource } from '../../../common/json-source.js';
import type { ImagesRequest } from '../../canonical/images.js';
import type { Provider } from '../../provider.js';
import { openai } from '../openai/openai.provider.js';
import { siliconflow } from '../siliconflow/siliconflow.provider.js';
import { together } from '../together/together.provider.js';
import { volcengine } from '../volcengine/volcengine.provider.js';
import { xai } from '../xai/xai.provider.js';
import { fromImagesBody } from './images.js';

const translate = (provider: Provider, model: string, value: Record<string, unknown>): unknown => {
  const request: ImagesRequest = {
    source: JsonSource.of({ model: 'public-1', prompt: 'p', ...value }),
    model: 'public-1',
    count: typeof value['n'] === 'number' ? value['n'] : 1,
    responseFormat: value['response_format'] === 'b64_json' ? 'b64_json' : undefined,
    isStream: false,
  };
  const body = provider.images?.toBody(request, { upstreamModel: model, publicModel: 'public-1' });
  return body === undefined ? undefined : JSON.parse(Buffer.from(body.body).toString());
};
const read = (body: object) => fromImagesBody(undefined, Buffer.from(JSON.stringify(body)));

describe('toImagesBody', () => {
  it('leaves response_format out for models that refuse it', () => {
    const value = { response_format: 'b64_json', size: 'auto' };
    expect(translate(openai, 'gpt-image-2', value)).toEqual({ model: 'gpt-image-2', prompt: 'p', size: 'auto' });
    expect(translate(openai, 'dall-e-3', value)).toEqual({ model: 'dall-e-3', prompt: 'p', ...value });
  });

  it('speaks the words of each vendor', () => {
    expect(translate(together, 'm', { response_format: 'b64_json' })).toEqual({
      model: 'm',
      prompt: 'p',
      response_format: 'base64',
    });
    expect(translate(siliconflow, 'm', { size: '1x1', n: 2 })).toEqual({
      model: 'm',
      prompt: 'p',
      image_size: '1x1',
      batch_size: 2,
    });
  });

  it('refuses by name what a vendor cannot do', () => {
    expect(() => translate(xai, 'm', { size: '1x1' })).toThrow(
      expect.objectContaining({ kind: 'unsupported_option', param: 'size' }),
    );
    expect(() => translate(volcengine, 'm', { n: 2 })).toThrow(
      expect.objectContaining({ kind: 'unsupported_option', param: 'n' }),
    );
  });
});

describe('fromImagesBody', () => {
  it('reads pictures from data or images and counts them', () => {
    expect(read({ created: 3, data: [{ url: 'u' }] })).toEqual({
      body: { created: 3, data: [{ url: 'u' }] },
      usage: { images: 1 },
    });
    expect(read({ images: [{ url: 'u' }] }).body.data).toEqual([{ url: 'u' }]);
    expect(read({ data: [{ b64_json: 'AA==' }], usage: { input_tokens: 4, output_tokens: 5 } }).usage).toEqual({
      inputTokens: 4,
      outputTokens: 5,
      images: 1,
    });
  });

  it('leaves failed pictures out, and fails when all did', () => {
    const failed = { error: { code: 'content_policy_violation', message: 'no' } };
    expect(read({ data: [failed, { url: 'u' }] })).toMatchObject({
      body: { data: [{ url: 'u' }] },
      usage: { images: 1 },
    });
    expect(() => read({ data: [failed] })).toThrow(expect.objectContaining({ kind: 'content_refused' }));
    expect(() => read({ data: [] })).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
  });
});
