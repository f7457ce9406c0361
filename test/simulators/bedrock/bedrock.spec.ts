import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixturesOf } from '../../contract/fixtures-of.js';
import { type BedrockSimulator, startBedrockSimulator } from './bedrock.js';
import { checkConverse } from './check-converse.js';

const KEY = 'bedrock-api-key-of-tests';

describe('the simulator of Bedrock', () => {
  let simulator: BedrockSimulator;
  beforeAll(async () => {
    simulator = await startBedrockSimulator({ apiKey: KEY });
  });
  afterAll(() => simulator.close());

  const post = async (body: unknown, headers: Record<string, string> = { authorization: `Bearer ${KEY}` }) => {
    const response = await fetch(`${simulator.url}/model/a%3Ab/converse`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const type = response.headers.get('x-amzn-errortype')?.split(':')[0];
    return { status: response.status, type, body: await response.json() };
  };
  const user = (...content: unknown[]) => ({ role: 'user', content });

  it('answers with what it was told', async () => {
    expect(await post({ messages: [user({ text: 'Hi' })] })).toMatchObject({
      status: 200,
      body: { output: { message: { content: [{ text: 'You said: Hi' }] } }, stopReason: 'end_turn' },
    });
  });

  it.each([
    ['no message', { messages: [] }],
    ['a blank text', { messages: [user({ text: ' ' })] }],
    ['a block of two kinds', { messages: [user({ text: 'a', image: {} })] }],
    ['two turns of one side', { messages: [user({ text: 'a' }), user({ text: 'b' })] }],
    ['a member that there is not', { messages: [user({ text: 'a' })], max_tokens: 1 }],
    ['a temperature above 1', { messages: [user({ text: 'a' })], inferenceConfig: { temperature: 1.5 } }],
    ['a picture that is no base64', { messages: [user({ image: { format: 'png', source: { bytes: 'a' } } })] }],
    ['a result that nobody asked for', { messages: [user({ toolResult: { toolUseId: 'a', content: [] } })] }],
  ])('refuses %s', async (_name, body) => {
    expect(await post(body)).toMatchObject({ status: 400, type: 'ValidationException' });
  });

  it('refuses who shows neither key nor signature', async () => {
    expect(await post({ messages: [user({ text: 'a' })] }, {})).toMatchObject({
      status: 403,
      type: 'AccessDeniedException',
    });
  });

  const bodies = fixturesOf('bedrock').requests.flatMap(({ name, expect: { body } }) =>
    body === undefined ? [] : [{ name, body }],
  );
  it.each(bodies)('takes the golden request "$name"', ({ body }) => {
    expect(checkConverse(structuredClone(body))).toEqual(body);
  });
});
