import { describe, expect, it } from '@jest/globals';
import type { HubError } from '../common/hub-error.js';
import { validateChat } from './validate-chat.js';
import { validateEmbeddings } from './validate-embeddings.js';
import { validateImages } from './validate-images.js';

const MESSAGES = [{ role: 'user', content: 'Hello' }];

type Validate = (bytes: Uint8Array) => unknown;

/** The refusal of a body, or undefined when it is accepted. */
function refusalOf(validate: Validate, body: unknown): { status: number; code: string; param?: string } | undefined {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    validate(Buffer.from(text));
  } catch (error) {
    const { status, code, param, message } = error as HubError;
    // Whoever is refused must learn the name of the field.
    if (param !== undefined) expect(message).toContain(`"${param}"`);
    return { status, code, param };
  }
  return undefined;
}

const refused = (code: string, param?: string) => ({ status: 400, code, param });

describe('any body', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['half an object', '{"model":'],
    ['a list', '[]'],
    ['a deep nest', `{"model":"m","x":${'['.repeat(300)}${']'.repeat(300)}}`],
  ])('is refused: %s', (_name, text) => {
    for (const validate of [validateChat, validateEmbeddings, validateImages]) {
      expect(refusalOf(validate, text)).toEqual(refused('invalid_json'));
    }
  });

  it('is refused when it is not UTF-8', () => {
    expect(() => validateChat(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('is refused with a member twice that the hub reads; others pass', () => {
    const chat = (more: string): string => `{"model":"m","messages":[{"role":"user","content":"x"}]${more}}`;
    expect(refusalOf(validateChat, chat(',"model":"n"'))).toEqual(refused('duplicate_parameter', 'model'));
    expect(refusalOf(validateChat, chat(',"\\u0073tream":true,"stream":false'))).toEqual(
      refused('duplicate_parameter', 'stream'),
    );
    expect(refusalOf(validateChat, chat(',"seed":1,"seed":2'))).toBeUndefined();
  });

  it.each(['Model', 'MODEL', '\\u004dodel', 'Max_Tokens', 'MAX_COMPLETION_TOKENS', 'max_to\u212aens', '\u017ftream'])(
    'is refused with %s, which an upstream written in Go takes for the real one',
    (name) => {
      const body = `{"model":"m","messages":[{"role":"user","content":"x"}],"${name}":"other"}`;
      expect(refusalOf(validateChat, body)).toEqual(refused('duplicate_parameter', JSON.parse(`"${name}"`)));
    },
  );

  it('passes with other names in any case, also below the top', () => {
    const more = { Seed: 1, Modelle: 1, 'MAX-TOKENS': 1, metadata: { Model: 'x' } };
    expect(refusalOf(validateChat, { model: 'm', messages: MESSAGES, ...more })).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [undefined, 'missing_required_parameter'],
    [null, 'invalid_value'],
    ['', 'invalid_value'],
    [4, 'invalid_value'],
    ['x'.repeat(257), 'invalid_value'],
    ['a\u0000b', 'invalid_value'],
    ['a\nb', 'invalid_value'],
  ])('is refused with this model: %j', (model, code) => {
    for (const validate of [validateChat, validateEmbeddings, validateImages]) {
      expect(refusalOf(validate, { model, messages: MESSAGES, input: 'x', prompt: 'x' })).toEqual(
        refused(code, 'model'),
      );
    }
  });

  it('is refused with half a surrogate pair in the model', () => {
    expect(refusalOf(validateChat, '{"model":"\\ud800","messages":[]}')).toEqual(refused('invalid_value', 'model'));
  });
});

describe('validateChat', () => {
  it.each<[Record<string, unknown>, string, string?]>([
    [{ messages: undefined }, 'messages', 'missing_required_parameter'],
    [{ messages: [] }, 'messages'],
    [{ messages: 'Hello' }, 'messages'],
    [{ messages: ['Hello'] }, 'messages[0]'],
    [{ messages: [...MESSAGES, { content: 'x' }] }, 'messages[1].role', 'missing_required_parameter'],
    [{ messages: [{ role: '', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 7 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{}, 'x'] }] }, 'messages[0].content[1]'],
    [{ stream: 'true' }, 'stream'],
    [{ n: 0 }, 'n'],
    [{ n: 129 }, 'n'],
    [{ n: 1.5 }, 'n'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ max_tokens: '5' }, 'max_tokens'],
    [{ max_completion_tokens: -1 }, 'max_completion_tokens'],
    [{ stream_options: { include_usage: true } }, 'stream_options'],
    [{ stream: true, stream_options: [] }, 'stream_options'],
    [{ stream: true, stream_options: { include_usage: 1 } }, 'stream_options.include_usage'],
  ])('refuses %j and names the field', (change, param, code = 'invalid_value') => {
    expect(refusalOf(validateChat, { model: 'm', messages: MESSAGES, ...change })).toEqual(refused(code, param));
  });

  it('reads what the hub needs', () => {
    const body = {
      model: 'm',
      messages: MESSAGES,
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 9,
      n: 2,
    };
    expect(validateChat(Buffer.from(JSON.stringify(body)))).toMatchObject({
      model: 'm',
      isStream: true,
      includeUsage: true,
      choiceCount: 2,
      outputTokensCap: 9,
    });
  });

  it('takes null for absent, and leaves the rest to the upstream', () => {
    const body = { model: 'm', messages: [{ role: 'tool', content: null }], stream: null, n: null, temperature: 'hot' };
    expect(validateChat(Buffer.from(JSON.stringify(body)))).toMatchObject({ isStream: false, includeUsage: false });
  });

  it('prefers max_completion_tokens', () => {
    const body = { model: 'm', messages: MESSAGES, max_tokens: 9, max_completion_tokens: 5 };
    expect(validateChat(Buffer.from(JSON.stringify(body))).outputTokensCap).toBe(5);
  });
});

describe('validateEmbeddings', () => {
  it.each<[Record<string, unknown>, string, string?]>([
    [{ input: undefined }, 'input', 'missing_required_parameter'],
    [{ input: '' }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: {} }, 'input'],
    [{ input: [1, -1] }, 'input'],
    [{ input: [1, 'x'] }, 'input'],
    [{ input: ['x', ''] }, 'input[1]'],
    [{ input: ['x', [1.5]] }, 'input[1]'],
    [{ input: [['x']] }, 'input[0]'],
    [{ input: new Array(2049).fill('x') }, 'input'],
    [{ encoding_format: 'int8' }, 'encoding_format'],
    [{ dimensions: 0 }, 'dimensions'],
  ])('refuses %j and names the field', (change, param, code = 'invalid_value') => {
    expect(refusalOf(validateEmbeddings, { model: 'm', input: 'x', ...change })).toEqual(refused(code, param));
  });

  it.each<[unknown, number]>([
    ['one text', 1],
    [['two', 'texts'], 2],
    [[1, 2, 3], 1],
    [[[1, 2], [3]], 2],
  ])('counts the inputs of %j', (input, inputCount) => {
    expect(validateEmbeddings(Buffer.from(JSON.stringify({ model: 'm', input })))).toMatchObject({
      inputCount,
      encodingFormat: 'float',
    });
  });
});

describe('validateImages', () => {
  it.each<[Record<string, unknown>, string, string?]>([
    [{ prompt: undefined }, 'prompt', 'missing_required_parameter'],
    [{ prompt: '' }, 'prompt'],
    [{ prompt: ['x'] }, 'prompt'],
    [{ n: 0 }, 'n'],
    [{ n: 11 }, 'n'],
    [{ response_format: 'png' }, 'response_format'],
    [{ stream: 1 }, 'stream'],
  ])('refuses %j and names the field', (change, param, code = 'invalid_value') => {
    expect(refusalOf(validateImages, { model: 'm', prompt: 'x', ...change })).toEqual(refused(code, param));
  });

  it('asks for one picture in the form of its choice unless told otherwise', () => {
    expect(validateImages(Buffer.from('{"model":"m","prompt":"x"}'))).toMatchObject({
      count: 1,
      responseFormat: undefined,
      isStream: false,
    });
  });
});
