import { textOfChoice, textOfCompletion } from './chat-text.js';

const CALL = { name: 'weather', arguments: '{"city":"Rome"}' };

describe('what counts as output', () => {
  it.each([
    ['text', { content: 'Hello' }, 'Hello'],
    ['reasoning', { reasoning_content: 'Hm. ', content: 'Yes' }, 'YesHm. '],
    ['a refusal', { refusal: 'No.' }, 'No.'],
    ['tool calls', { tool_calls: [{ index: 0, function: CALL }, { index: 1 }] }, 'weather{"city":"Rome"}'],
    ['a function call of the old form', { function_call: CALL }, 'weather{"city":"Rome"}'],
    ['what is said of a voice', { audio: { id: 'a', transcript: 'Hello' } }, 'Hello'],
    ['nothing', { role: 'assistant', content: null, function_call: null, audio: null }, ''],
  ])('is %s', (_title, message, text) => {
    expect(textOfChoice({ index: 0, delta: message })).toBe(text);
    const choices = [{ index: 0, message, finish_reason: 'stop' as const }];
    expect(textOfCompletion({ id: 'x', object: 'chat.completion', created: 0, model: 'm', choices })).toBe(text);
  });
});
