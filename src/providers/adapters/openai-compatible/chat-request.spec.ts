import { JsonSource } from '../../../common/json-source.js';
import type { ChatRequest } from '../../canonical/chat.js';
import { openai } from '../openai/openai.provider.js';
import { toChatBody } from './chat-request.js';
import type { ChatDialect } from './vendor.js';

const target = { upstreamModel: 'up-1', publicModel: 'public-1' };

function requestOf(text: string): ChatRequest {
  const source = JsonSource.parse(Buffer.from(text));
  const cap = source.value['max_completion_tokens'] ?? source.value['max_tokens'];
  return {
    source,
    model: 'public-1',
    isStream: source.value['stream'] === true,
    includeUsage: false,
    choiceCount: 1,
    ...(typeof cap === 'number' && { outputTokensCap: cap }),
  };
}

function translate(dialect: ChatDialect, text: string, cap?: number): { text: string; dropped: readonly string[] } {
  const result = toChatBody(dialect, requestOf(text), target, cap === undefined ? {} : { outputTokensCap: cap });
  return { text: Buffer.from(result.body).toString(), dropped: result.droppedParams };
}

describe('toChatBody', () => {
  it('replaces the model and leaves every other byte alone, big integers included', () => {
    const text =
      '{ "model" : "public-1",\n "messages":[{"role":"user","content":"\\u00e9 é"}], "seed": 9007199254740993, "top_p":1.0 }';
    expect(translate({}, text).text).toBe(text.replace('"public-1"', '"up-1"'));
  });

  it('asks for usage on a stream and keeps what else the caller set in stream_options', () => {
    const plain = translate({}, '{"model":"up-1","stream":true}').text;
    expect(JSON.parse(plain)).toEqual({ model: 'up-1', stream: true, stream_options: { include_usage: true } });
    const merged = translate({}, '{"model":"up-1","stream":true,"stream_options":{"include_obfuscation":false}}').text;
    expect(JSON.parse(merged).stream_options).toEqual({ include_obfuscation: false, include_usage: true });
  });

  it('takes stream_options out where no stream or a vendor without it would refuse it', () => {
    expect(translate({}, '{"model":"up-1","stream_options":{"include_usage":true}}').text).toBe('{"model":"up-1"}');
    const text = '{"model":"up-1","stream":true,"stream_options":{"include_usage":true}}';
    expect(translate({ hasStreamOptions: false }, text).text).toBe('{"model":"up-1","stream":true}');
  });

  it('renames the output cap to the only name the vendor takes, digits as sent', () => {
    const toOld: ChatDialect = { outputCap: { name: 'max_tokens', isOtherNameTaken: false } };
    expect(translate(toOld, '{"model":"up-1","max_completion_tokens": 1e3}').text).toBe(
      '{"model":"up-1","max_tokens":1e3}',
    );
    const toNew: ChatDialect = { outputCap: { name: 'max_completion_tokens', isOtherNameTaken: false } };
    expect(translate(toNew, '{"max_tokens":12,"model":"up-1"}').text).toBe(
      '{"model":"up-1","max_completion_tokens":12}',
    );
    expect(JSON.parse(translate(toOld, '{"model":"up-1","max_tokens":5,"max_completion_tokens":6}').text)).toEqual({
      model: 'up-1',
      max_tokens: 6,
    });
    expect(JSON.parse(translate(toNew, '{"model":"up-1","max_tokens":5,"max_completion_tokens":6}').text)).toEqual({
      model: 'up-1',
      max_completion_tokens: 6,
    });
  });

  it('sends the cap of the hub only when the caller gave none', () => {
    expect(translate({}, '{"model":"up-1"}', 100).text).toBe('{"model":"up-1","max_tokens":100}');
    expect(translate({}, '{"model":"up-1","max_tokens":7}', 100).text).toBe('{"model":"up-1","max_tokens":7}');
    expect(translate({}, '{"model":"up-1","max_tokens":null}', 100).text).toBe('{"model":"up-1","max_tokens":100}');
  });

  it('removes refused fields and names them, but not those that were null', () => {
    const result = translate(
      { refusedFields: ['seed', 'user', 'logit_bias'] },
      '{"model":"up-1","seed":1,"user":null,"top_p":1}',
    );
    expect(result).toEqual({ text: '{"model":"up-1","top_p":1}', dropped: ['seed'] });
  });

  it('writes only the messages anew when a message holds a refused key', () => {
    const dialect: ChatDialect = { refusedMessageFields: new Set(['name']) };
    const text = '{"model":"up-1","messages":[{"role":"user","content":"a","name":"bob"}],"seed": 9007199254740993}';
    expect(translate(dialect, text)).toEqual({
      text: '{"model":"up-1","messages":[{"role":"user","content":"a"}],"seed": 9007199254740993}',
      dropped: ['messages[].name'],
    });
    const without = '{"model":"up-1","messages":[ {"role":"user"} ]}';
    expect(translate(dialect, without).text).toBe(without);
  });

  it('keeps only accepted fields, even one called __proto__ is taken out', () => {
    const dialect: ChatDialect = {
      acceptedFields: new Set(['top_p', 'random_seed']),
      renamedFields: { seed: 'random_seed' },
    };
    const result = translate(
      dialect,
      '{"model":"up-1","messages":[],"__proto__":{},"top_p":1,"seed":9007199254740993,"store":true}',
    );
    expect(result.text).toBe('{"model":"up-1","messages":[],"top_p":1,"random_seed":9007199254740993}');
    expect(result.dropped).toEqual(['__proto__', 'store']);
  });

  it('refuses several choices where a model gives one', () => {
    const translateN = (n: number): unknown => translate({ canGiveChoices: false }, `{"model":"up-1","n":${n}}`);
    expect(() => translateN(2)).toThrow(expect.objectContaining({ kind: 'unsupported_option', param: 'n' }));
    expect(translateN(1)).toBeDefined();
  });

  it('asks a stream of a model that only streams', () => {
    const result = toChatBody({ isStreamOnly: () => true }, requestOf('{"model":"up-1"}'), target, {});
    expect(result.isStream).toBe(true);
    expect(JSON.parse(Buffer.from(result.body).toString())).toEqual({
      model: 'up-1',
      stream: true,
      stream_options: { include_usage: true },
    });
  });
});

describe('the openai dialect', () => {
  const body = (model: string, extra: string): unknown => {
    const result = openai.chat?.toBody(
      requestOf(`{"model":"x",${extra}}`),
      { upstreamModel: model, publicModel: 'x' },
      {},
    );
    return result === undefined ? undefined : [JSON.parse(Buffer.from(result.body).toString()), result.droppedParams];
  };

  it('renames max_tokens and drops sampling for reasoning models only', () => {
    expect(body('o3', '"max_tokens":5,"temperature":0.5,"stop":"x"')).toEqual([
      { model: 'o3', max_completion_tokens: 5 },
      ['temperature', 'stop'],
    ]);
    expect(body('gpt-4o', '"max_tokens":5,"temperature":0.5')).toEqual([
      { model: 'gpt-4o', max_tokens: 5, temperature: 0.5 },
      [],
    ]);
    expect(body('gpt-5-chat-latest', '"max_tokens":5')).toEqual([{ model: 'gpt-5-chat-latest', max_tokens: 5 }, []]);
  });

  it('keeps sampling from gpt-5.1 on when reasoning is off', () => {
    const extra = '"temperature":0.5,"reasoning_effort":"none"';
    expect(body('gpt-5.1', extra)).toEqual([{ model: 'gpt-5.1', temperature: 0.5, reasoning_effort: 'none' }, []]);
    expect(body('gpt-5', extra)).toEqual([{ model: 'gpt-5', reasoning_effort: 'none' }, ['temperature']]);
    expect(body('gpt-6-sol', extra)).toEqual([{ model: 'gpt-6-sol', temperature: 0.5, reasoning_effort: 'none' }, []]);
  });
});

describe('the beginning of an answer', () => {
  const rule: ChatDialect = {
    prefill: { isTaken: () => true, mark: 'partial', fields: { go_on: 'true' }, path: '/beta/chat/completions' },
  };
  const withPrefill = (dialect: ChatDialect, text: string) =>
    toChatBody(dialect, requestOf(text), target, { prefill: 'It "was"' });

  it('is the last message, marked as the vendor wants it, and the others keep their bytes', () => {
    const { body, path } = withPrefill(rule, '{"model":"up-1","messages":[ {"role":"user", "content":"\\u00e9"} ]}');
    expect(Buffer.from(body).toString()).toBe(
      '{"model":"up-1","messages":[ {"role":"user", "content":"\\u00e9"} ,' +
        '{"role":"assistant","content":"It \\"was\\"","partial":true}],"go_on":true}',
    );
    expect(path).toBe('/beta/chat/completions');
  });

  it('is refused by a vendor that does not go on from one', () => {
    expect(() => withPrefill({}, '{"model":"up-1","messages":[]}')).toThrow(
      expect.objectContaining({ kind: 'unsupported_option' }),
    );
  });
});
