import { JsonSource } from '../../common/json-source.js';
import type { Provider, UpstreamBody } from '../provider.js';
import { cerebras } from './cerebras/cerebras.provider.js';
import { dashscope } from './dashscope/dashscope.provider.js';
import { deepseek } from './deepseek/deepseek.provider.js';
import { groq } from './groq/groq.provider.js';
import { llamacpp } from './llamacpp/llamacpp.provider.js';
import { mistral } from './mistral/mistral.provider.js';
import { moonshot } from './moonshot/moonshot.provider.js';
import { ollama } from './ollama/ollama.provider.js';
import { perplexity } from './perplexity/perplexity.provider.js';
import { xai } from './xai/xai.provider.js';
import { zhipu } from './zhipu/zhipu.provider.js';

function translate(provider: Provider, model: string, value: Record<string, unknown>): UpstreamBody {
  const source = JsonSource.of(value);
  const isStream = value['stream'] === true;
  const request = { source, model: 'public-1', isStream, includeUsage: false, choiceCount: 1 };
  const body = provider.chat?.toBody(request, { upstreamModel: model, publicModel: 'public-1' }, {});
  if (body === undefined) throw new Error('The provider has no chat.');
  return body;
}
const sentBy = ({ body }: UpstreamBody): unknown => JSON.parse(Buffer.from(body).toString());

describe('what each vendor does to a chat request', () => {
  it.each<[Provider, string, Record<string, unknown>, Record<string, unknown>, string[]]>([
    [deepseek, 'deepseek-flash', { seed: 1, max_completion_tokens: 5 }, { max_tokens: 5 }, ['seed']],
    [dashscope, 'qwen-plus', { frequency_penalty: 1, top_k: 3 }, { top_k: 3 }, ['frequency_penalty']],
    [moonshot, 'kimi-k3', { temperature: 0.5, top_p: 1 }, {}, ['temperature', 'top_p']],
    [moonshot, 'kimi-k2.4', { temperature: 0.5 }, { temperature: 0.5 }, []],
    [zhipu, 'glm-5', { temperature: 0 }, { do_sample: false }, []],
    [zhipu, 'glm-5', { tool_choice: 'none', tools: [{}] }, {}, []],
    [zhipu, 'glm-5', { tool_choice: 'auto', tools: [{}] }, { tool_choice: 'auto', tools: [{}] }, []],
    [xai, 'grok-4.6', { stop: 'x', reasoning_effort: 'low' }, { reasoning_effort: 'low' }, ['stop']],
    [xai, 'grok-4-fast-non-reasoning', { stop: 'x', reasoning_effort: 'low' }, { stop: 'x' }, ['reasoning_effort']],
    [
      groq,
      'g',
      { logprobs: true, messages: [{ role: 'user', name: 'n' }] },
      { messages: [{ role: 'user' }] },
      ['logprobs', 'messages[].name'],
    ],
    [
      mistral,
      'm',
      { seed: 1, user: 'u', max_completion_tokens: 5, stream: true },
      { stream: true, random_seed: 1, max_tokens: 5 },
      ['user'],
    ],
    [llamacpp, 'l', { max_completion_tokens: 5 }, { max_tokens: 5 }, []],
    [ollama, 'o', { tool_choice: 'auto', user: 'u' }, {}, ['tool_choice', 'user']],
    [cerebras, 'c', { logit_bias: {}, max_tokens: 5 }, { max_tokens: 5 }, ['logit_bias']],
  ])('%#: $0.id, $1', (provider, model, value, expected, dropped) => {
    const result = translate(provider, model, { model: 'public-1', ...value });
    expect(sentBy(result)).toEqual({ model, ...expected });
    expect(result.droppedParams).toEqual(dropped);
  });

  it.each<[Provider, string, Record<string, unknown>, string]>([
    [deepseek, 'deepseek-flash', { response_format: { type: 'json_schema', json_schema: {} } }, 'response_format'],
    [moonshot, 'kimi-k3', { n: 2 }, 'n'],
    [groq, 'g', { n: 2 }, 'n'],
    [ollama, 'o', { n: 2 }, 'n'],
    [zhipu, 'glm-5', { tool_choice: 'required' }, 'tool_choice'],
    [perplexity, 'sonar', { tools: [{}] }, 'tools'],
  ])('%#: $0.id refuses $3', (provider, model, value, param) => {
    expect(() => translate(provider, model, { model: 'public-1', ...value })).toThrow(
      expect.objectContaining({ kind: 'unsupported_option', param }),
    );
  });

  it.each([
    ['qwen3-max', false],
    ['qwen-plus', false],
    ['qwen3-8b', true],
    ['qwen3-235b-a22b', true],
    ['qwen3-30b-a3b-instruct-2507', false],
    ['qwen3-30b-a3b-thinking-2507', true],
    ['qwq-plus', true],
    ['qwen3-omni-flash', true],
  ])('asks DashScope for a stream of %s: %s', (model, isStream) => {
    expect(translate(dashscope, model, { model: 'public-1' }).isStream).toBe(isStream);
  });

  it('takes $schema out of tool parameters for Moonshot, and writes nothing else anew', () => {
    const tool = (parameters: object): object => ({ type: 'function', function: { name: 'f', parameters } });
    const tools = [
      tool({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }),
      { type: 'builtin_function' },
    ];
    expect(sentBy(translate(moonshot, 'kimi-k3', { model: 'x', tools }))).toEqual({
      model: 'kimi-k3',
      tools: [tool({ type: 'object' }), { type: 'builtin_function' }],
    });
  });
});
