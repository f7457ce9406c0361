import OpenAI from 'openai';
import { type ResponsesSimulator, startResponsesSimulator } from './responses.js';
import { encryptedFor } from './responses-answer.js';

// The official SDK is the judge of the simulator: what it reads is what the service sends.

let simulator: ResponsesSimulator;
let client: OpenAI;

beforeAll(async () => {
  simulator = await startResponsesSimulator();
  client = new OpenAI({ apiKey: 'k', baseURL: simulator.url, maxRetries: 0 });
});
afterAll(() => simulator.close());
beforeEach(() => simulator.reset());

const model = 'gpt-6-sol';
const input = 'Hi';
const call = { type: 'call' as const, name: 'f', arguments: '{"a": "世界"}', callId: 'call_1' };

describe('the simulator of OpenAI Responses', () => {
  it('answers whole as the official SDK reads it', async () => {
    simulator.play({ output: [{ type: 'reasoning', summary: 'Think.' }, { type: 'text', text: 'Hello 世界' }, call] });
    const response = await client.responses.create({ model, input });
    expect(response).toMatchObject({ object: 'response', status: 'completed', output_text: 'Hello 世界' });
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call']);
  });

  it('streams what the official SDK puts together to the same answer', async () => {
    simulator.play({ output: [{ type: 'reasoning', summary: 'Think.' }, { type: 'text', text: 'Hello 世界' }, call] });
    const stream = client.responses.stream({ model, input });
    const numbers: number[] = [];
    let text = '';
    let args = '';
    for await (const event of stream) {
      numbers.push(event.sequence_number);
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.type === 'response.function_call_arguments.delta') args += event.delta;
    }
    expect(numbers).toEqual(numbers.map((_, i) => i));
    expect([text, args]).toEqual(['Hello 世界', call.arguments]);
    expect(await stream.finalResponse()).toMatchObject({ status: 'completed', usage: { output_tokens: 14 } });
  });

  it('fails inside a success, and ends before it is complete', async () => {
    simulator.play({ end: { failed: 'server_error' } });
    expect(await client.responses.create({ model, input })).toMatchObject({
      status: 'failed',
      error: { code: 'server_error' },
    });
    simulator.play({ output: [{ type: 'text', text: 'Once' }], end: 'max_output_tokens' });
    expect(await client.responses.create({ model, input })).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
  });

  const user = { role: 'user', content: 'Hi' };
  const made = { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' };
  const reasoning = { type: 'reasoning', id: 'rs_1', summary: [] };

  it.each<[string, Record<string, unknown>, string | null]>([
    ['a parameter of chat/completions', { messages: [] }, 'messages'],
    ['a text to stop at', { stop: ['a'] }, 'stop'],
    ['a cap below 16', { max_output_tokens: 15 }, 'max_output_tokens'],
    ['a temperature of a model that reasons', { temperature: 0.5 }, 'temperature'],
    [
      'a tool in the shape of chat/completions',
      { tools: [{ type: 'function', function: { name: 'f' } }] },
      'tools[0].name',
    ],
    [
      'a picture that is an object',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: { url: 'x' } }] }] },
      'input[0].content[0].image_url',
    ],
    [
      'what only an assistant says',
      { input: [{ role: 'user', content: [{ type: 'output_text', text: 'a' }] }] },
      'input[0].content[0]',
    ],
    ['a call without its result', { input: [user, made] }, 'input'],
    [
      'a result without its call',
      { input: [{ type: 'function_call_output', call_id: 'call_9', output: '' }] },
      'input',
    ],
    [
      'reasoning that leads to nothing',
      { input: [user, { ...reasoning, encrypted_content: encryptedFor(model, 'a') }] },
      'input',
    ],
    [
      'reasoning of another model',
      { input: [{ ...reasoning, encrypted_content: encryptedFor('gpt-6-luna', 'a') }, user] },
      null,
    ],
  ])('refuses %s', async (_what, change, param) => {
    const body = { model, input, ...change };
    const refusal = client.post('/responses', { body });
    await expect(refusal).rejects.toMatchObject({ status: 400, type: 'invalid_request_error', param });
    expect(simulator.seen).toEqual([]);
  });

  it('refuses tools of such models on chat/completions, and names the effort', async () => {
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const tools = [{ type: 'function' as const, function: { name: 'f' } }];
    await expect(client.chat.completions.create({ model, messages, tools })).rejects.toMatchObject({
      status: 400,
      param: 'reasoning_effort',
    });
    await client.chat.completions.create({ model, messages, tools, reasoning_effort: 'none' });
    await client.chat.completions.create({ model: 'gpt-4o', messages, tools });
  });
});
