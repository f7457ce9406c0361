import { JsonSource } from '../../../common/json-source.js';
import type { ChatRequest } from '../../canonical/chat.js';
import type { Provider } from '../../provider.js';
import { azureOpenAi } from '../azure-openai/azure-openai.provider.js';
import { groq } from '../groq/groq.provider.js';
import { moonshot } from '../moonshot/moonshot.provider.js';
import { openai } from '../openai/openai.provider.js';
import { volcengine } from '../volcengine/volcengine.provider.js';
import { openaiCompatible } from './openai-compatible.provider.js';

const NEW = 'max_completion_tokens';
const OLD = 'max_tokens';
const MESSAGES = [{ role: 'user', content: 'a' }];

function ask(caps: Readonly<Record<string, number>>, isCapReworded?: boolean): ChatRequest {
  const source = JsonSource.of({ model: 'm', messages: MESSAGES, ...caps });
  const [outputTokensCap] = Object.values(caps);
  return { source, model: 'm', isStream: false, includeUsage: false, choiceCount: 1, outputTokensCap, isCapReworded };
}

function capsOf({ chat }: Provider, upstreamModel: string, request: ChatRequest): Record<string, unknown> {
  const translated = chat?.toBody(request, { upstreamModel, publicModel: 'm' }, { outputTokensCap: 9 });
  const body = JSON.parse(Buffer.from(translated?.body ?? []).toString());
  return Object.fromEntries([OLD, NEW].flatMap((name) => (name in body ? [[name, body[name]]] : [])));
}

const PROVIDERS = [openai, azureOpenAi, groq, volcengine, moonshot, openaiCompatible];

function providerOf(id: string): Provider {
  return PROVIDERS.find((provider) => provider.id === id)!;
}

describe('the name of the cap on output tokens', () => {
  it.each([
    ['openai', 'gpt-4.1', NEW],
    ['openai', 'o3', NEW],
    ['azure-openai', 'gpt-4.1', NEW],
    ['azure-openai', 'our-own-name', NEW],
    ['groq', 'llama-4', NEW],
    ['volcengine', 'doubao-seed-1-6', NEW],
    ['moonshot', 'kimi-k2', OLD],
    ['openai-compatible', 'qwen3-8b', OLD],
    ['openai-compatible', 'openai/gpt-oss-20b', OLD],
    ['openai-compatible', 'gpt-4.1', OLD],
    ['openai-compatible', 'gpt-5.1', NEW],
    ['openai-compatible', 'openai/o3-mini', NEW],
  ])('is for %s with the model %s, where the hub words it, %s', (id, upstreamModel, name) => {
    for (const request of [ask({ [OLD]: 9 }, true), ask({ [NEW]: 9 }, true), ask({})]) {
      expect(capsOf(providerOf(id), upstreamModel, request)).toEqual({ [name]: 9 });
    }
  });

  it.each([
    ['openai', 'gpt-4.1'],
    ['azure-openai', 'our-own-name'],
    ['groq', 'llama-4'],
    ['moonshot', 'kimi-k2'],
    ['openai-compatible', 'qwen3-8b'],
    ['openai-compatible', 'gpt-5.1'],
  ])('is for %s with the model %s the one of a caller of chats, both if he gives both', (id, upstreamModel) => {
    const given: Record<string, number>[] = [{ [OLD]: 7 }, { [NEW]: 7 }, { [OLD]: 7, [NEW]: 8 }];
    for (const caps of given) {
      expect(capsOf(providerOf(id), upstreamModel, ask(caps))).toEqual(caps);
    }
  });
});
