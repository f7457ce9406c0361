import { inWordsOfResponses } from './in-words-of-responses.js';
import { readResponses } from './read-responses.js';

describe('what an upstream complains about', () => {
  const body = {
    model: 'm',
    instructions: 'a',
    input: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'b' },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'g', input: 'x' },
      { type: 'function_call_output', call_id: 'c1', output: 'ok' },
      { role: 'user', content: [{ type: 'input_text', text: 'c' }] },
      { type: 'function_call', call_id: 'c3', name: 'f', arguments: 'no JSON' },
    ],
  };
  const { origins } = readResponses(Buffer.from(JSON.stringify(body)));

  it.each([
    ['messages', 'input'],
    ['messages[0].content', 'instructions'],
    ['messages[1].content', 'input[0].content'],
    ['messages[2].content', 'input[1].content'],
    ['messages[2].tool_calls[0].function.arguments', 'input[2].arguments'],
    ['messages[2].tool_calls[1].custom.input', 'input[3].input'],
    ['messages[2].tool_calls[0].function.name', 'input[2].name'],
    ['messages[2].tool_calls[1].id', 'input[3].call_id'],
    ['messages[2].tool_calls[7]', 'input[1]'],
    ['messages[3].content[0]', 'input[4].output[0]'],
    ['messages[3].tool_call_id', 'input[4].call_id'],
    ['messages[4].content[0].text', 'input[5].content[0].text'],
    ['messages[4].content[0].image_url.url', 'input[5].content[0].image_url'],
    ['messages[4].content[0].file.file_data', 'input[5].content[0].file_data'],
    ['messages[5].tool_calls[0].function.arguments', 'input[6].arguments'],
    ['messages[9]', 'input'],
    ['messages[].name', 'input[].name'],
    ['messages[].content[].image_url.detail', 'input[].content[].image_url.detail'],
    ['max_completion_tokens', 'max_output_tokens'],
    ['reasoning_effort', 'reasoning.effort'],
    ['reasoning_summary', 'reasoning.summary'],
    ['response_format.json_schema.schema', 'text.format.schema'],
    ['tools[2].function.name', 'tools[2].name'],
    ['tool_choice.function.name', 'tool_choice.name'],
    ['temperature', 'temperature'],
  ])('%s is %s to the caller', (theirs, own) => {
    expect(inWordsOfResponses(theirs, origins)).toBe(own);
  });
});
