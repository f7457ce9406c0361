import { describe, expect, it } from '@jest/globals';
import type { HubError } from '../common/hub-error.js';
import { queryToChatBody } from './query-to-chat-body.js';

function bodyOf(query: Readonly<Record<string, unknown>>): string {
  return Buffer.from(queryToChatBody(query)).toString('utf8');
}

function refusal(query: Readonly<Record<string, unknown>>): Pick<HubError, 'status' | 'code' | 'param'> {
  try {
    queryToChatBody(query);
  } catch (error) {
    const { status, code, param } = error as HubError;
    return { status, code, param };
  }
  throw new Error('nothing was refused');
}

describe('queryToChatBody', () => {
  it('gives each parameter its JSON type and keeps every digit and character', () => {
    const messages = '[ {"role":"user","content":"你好 \\u0000 \\"x\\""} ]';
    const query = {
      model: 'gpt-4',
      messages,
      stream: 'true',
      temperature: '0.70',
      seed: '9007199254740993',
      stop: '1',
    };
    expect(bodyOf(query)).toBe(
      `{"model":"gpt-4","messages":${messages},"stream":true,"temperature":0.70,"seed":9007199254740993,"stop":"1"}`,
    );
  });

  it('gives an empty object for no parameters', () => {
    expect(bodyOf({})).toBe('{}');
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['a parameter twice', { model: ['a', 'b'] }, 'duplicate_parameter', 'model'],
    ['an unknown parameter', { tools: '[]' }, 'unknown_parameter', 'tools'],
    ['messages that are no JSON', { messages: 'hello' }, 'invalid_json', 'messages'],
    ['messages that smuggle another member in', { messages: '[],"model":"x"' }, 'invalid_json', 'messages'],
    ['a boolean that is none', { stream: '1' }, 'invalid_value', 'stream'],
    ['a number that is none', { temperature: 'warm' }, 'invalid_value', 'temperature'],
    ['a number that smuggles another member in', { seed: '1,"model":"x"' }, 'invalid_value', 'seed'],
    ['a number JSON does not know', { seed: '0x10' }, 'invalid_value', 'seed'],
    ['an empty number', { seed: '' }, 'invalid_value', 'seed'],
    ['infinity', { top_p: 'Infinity' }, 'invalid_value', 'top_p'],
    ['a leading zero', { seed: '01' }, 'invalid_value', 'seed'],
  ])('refuses %s', (_name, query, code, param) => {
    expect(refusal(query)).toEqual({ status: 400, code, param });
  });

  it('does not echo an endless name', () => {
    expect(refusal({ ['x'.repeat(5000)]: '1' }).param).toHaveLength(64);
  });
});
