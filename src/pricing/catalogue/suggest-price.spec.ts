import { VENDORS } from '../../providers/vendors.js';
import { checkPrice } from '../check-price.js';
import { CATALOGUE, suggestPrice } from './suggest-price.js';

describe('the price catalogue', () => {
  it('has only prices that can be used, with their source and month', () => {
    for (const entry of CATALOGUE) {
      expect([entry.models, checkPrice(entry.price)]).toEqual([entry.models, []]);
      expect(entry.source).not.toBe('');
      expect(entry.asOf).toMatch(/^20\d\d-(0[1-9]|1[0-2])$/);
    }
  });

  it('has no name twice at one provider', () => {
    const names = CATALOGUE.flatMap(({ models, provider }) =>
      models.map((model) => `${provider}/${model.toLowerCase()}`),
    );
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('binds prices to providers that there are', () => {
    const bound = CATALOGUE.flatMap(({ provider }) => provider ?? []);
    expect(bound.filter((id) => !VENDORS.some((vendor) => vendor.id === id))).toEqual([]);
  });

  // A new default model belongs into the catalogue, or, when no source states its price, into this list.
  it('prices the usual models of every provider but these', () => {
    const unknown = VENDORS.flatMap((vendor) =>
      vendor.defaultModels
        .filter((model) => suggestPrice(model, vendor.id) === undefined)
        .map((model) => `${vendor.id} ${model}`),
    );
    expect(unknown.sort()).toEqual([
      'bedrock us.anthropic.claude-haiku-4-5-20251001-v1:0',
      'bedrock us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'bfl flux-2-pro',
      'cerebras gpt-oss-120b',
      'cerebras llama-3.3-70b',
      'cohere command-a-reasoning-08-2025',
      'cohere command-a-vision-07-2025',
      'cohere embed-v4.0',
      'cohere rerank-v3.5',
      'dashscope qwen-image',
      'dashscope text-embedding-v4',
      'dashscope wan2.2-t2i-flash',
      'dashscope wan2.7-i2v',
      'dashscope wan2.7-t2v',
      'fal fal-ai/flux/dev',
      'fireworks accounts/fireworks/models/llama-v3p3-70b-instruct',
      'hunyuan hunyuan-embedding',
      'hunyuan hunyuan-t1-latest',
      'hunyuan hunyuan-turbos-latest',
      'jimeng jimeng-video-3.0',
      'jimeng jimeng-video-3.0-pro',
      'jimeng jimeng_t2i_v40',
      'jina jina-embeddings-v3',
      'jina jina-embeddings-v4',
      'jina jina-reranker-v3',
      'kling kling-v2-1',
      'luma-dream-machine ray-2',
      'luma-dream-machine ray-flash-2',
      'openrouter openrouter/auto',
      'pixverse pixverse-c1',
      'pixverse pixverse-v5.6',
      'pixverse pixverse-v6',
      'qianfan ernie-4.5-turbo-128k',
      'qianfan ernie-5.0',
      'replicate black-forest-labs/flux-schnell',
      'siliconflow BAAI/bge-m3',
      'siliconflow Qwen/Qwen3-32B',
      'siliconflow deepseek-ai/DeepSeek-V3',
      'stepfun step-2-mini',
      'stepfun step-3',
      'together meta-llama/Llama-3.3-70B-Instruct-Turbo',
      'together openai/gpt-oss-120b',
      'vidu viduq2',
      'vidu viduq2-pro',
      'vidu viduq3-turbo',
      'volcengine doubao-seedream-4-5-251128',
      'voyage rerank-2.5',
      'voyage rerank-2.5-lite',
      'voyage voyage-4',
      'voyage voyage-4-large',
      'voyage voyage-4-lite',
      'voyage voyage-code-3',
    ]);
  });

  it('looks past the name of a vendor before a model', () => {
    expect(suggestPrice('openai/gpt-6-sol', 'openrouter')).toBe(suggestPrice('gpt-6-sol'));
    expect(suggestPrice('GPT-6-Sol')?.price).toMatchObject({ inputPerMillion: '2', outputPerMillion: '10' });
  });

  it('takes the price of one host of open weights for no other', () => {
    expect(suggestPrice('openai/gpt-oss-120b', 'groq')).toBeDefined();
    expect(suggestPrice('openai/gpt-oss-120b', 'together')).toBeUndefined();
    expect(suggestPrice('openai/gpt-oss-120b')).toBeUndefined();
  });
});
