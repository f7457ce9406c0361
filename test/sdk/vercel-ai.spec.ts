import { createOpenAICompatible, type OpenAICompatibleProvider } from '@ai-sdk/openai-compatible';
import { embedMany, generateImage, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import type { Spoken } from '../matrix/dialect-upstream.js';
import { type DialectsHub, modelBy, startDialectsHub } from '../matrix/dialects-hub.js';

// The Vercel AI SDK with its provider for OpenAI-compatible services, as its users call it.

const PROVIDERS = ['openai', 'anthropic', 'gemini'];
const EMBEDDERS = { openai: 'text-embedding-3-small', gemini: 'gemini-embedding-001' };
const PNG = 'iVBORw0KGgo=';
const tokens = { input: 21, output: 13 };

let dialects: DialectsHub;
let ai: OpenAICompatibleProvider;

beforeAll(async () => {
  const { openai, gemini } = EMBEDDERS;
  dialects = await startDialectsHub(PROVIDERS, { openai: [openai, 'gpt-image-2'], gemini: [gemini] });
  const baseURL = `${dialects.hub.url}/api/relay/v1`;
  ai = createOpenAICompatible({
    name: 'hub',
    baseURL,
    apiKey: dialects.hub.apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
});
afterAll(() => dialects.close());

const weather = tool({
  description: 'The weather of a city.',
  inputSchema: jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
  }),
  execute: async ({ city }) => `sunny in ${city}`,
});

describe.each(PROVIDERS)('chat answered by %s', (provider) => {
  const speak = (spoken: Spoken): void => dialects.upstreamOf(provider).speak(spoken);
  const heard = () => dialects.upstreamOf(provider).heard();
  const model = () => ai(modelBy(provider));

  it('generateText gives a text and what it took', async () => {
    speak({ text: 'Hello 世界.', tokens });
    const { text, finishReason, usage } = await generateText({
      model: model(),
      instructions: 'Be brief.',
      prompt: 'Hi',
    });
    expect([text, finishReason]).toEqual(['Hello 世界.', 'stop']);
    expect(usage).toMatchObject({ inputTokens: 21, outputTokens: 13, totalTokens: 34 });
    expect(heard()).toMatchObject({ system: 'Be brief.', said: [{ by: 'user', text: 'Hi' }] });
  });

  it('streamText gives it in pieces, and what it took at the end', async () => {
    speak({ text: 'Hello 世界, how are you?', tokens });
    const result = streamText({ model: model(), prompt: 'Hi' });
    const pieces: string[] = [];
    for await (const piece of result.textStream) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe('Hello 世界, how are you?');
    expect(await result.finishReason).toBe('stop');
    expect(await result.usage).toMatchObject({ inputTokens: 21, outputTokens: 13 });
  });

  it.each(['generateText', 'streamText'])('%s carries out tools until there is an answer', async (form) => {
    const call = { id: 'call_1', name: 'weather', input: { city: 'Paris' } };
    speak({ calls: [call], tokens });
    const options = {
      model: model(),
      prompt: 'Weather?',
      tools: { weather },
      stopWhen: stepCountIs(2),
      // What the model says once it has the result.
      onStepEnd: () => speak({ text: 'Sunny.', tokens }),
    };
    const result = form === 'generateText' ? await generateText(options) : streamText(options);
    expect(await result.text).toBe('Sunny.');
    const [first] = await result.steps;
    expect(first?.toolCalls).toMatchObject([{ toolName: 'weather', input: { city: 'Paris' } }]);
    expect(heard().said).toEqual([
      { by: 'user', text: 'Weather?' },
      { by: 'assistant', call: 'weather', input: { city: 'Paris' } },
      { by: 'tool', of: 'weather', text: 'sunny in Paris' },
    ]);
  });

  it('shows a picture to the model', async () => {
    speak({ text: 'A dot.', tokens });
    await generateText({
      model: model(),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'file', data: PNG, mediaType: 'image/png' },
          ],
        },
      ],
    });
    expect(heard().said).toEqual([
      { by: 'user', text: 'What is it?' },
      { by: 'user', picture: `data:image/png;base64,${PNG}` },
    ]);
  });

  it('generateObject gives JSON of a schema', async () => {
    speak({ text: '{"city":"Paris"}', tokens });
    const schema = jsonSchema({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'] });
    const { object } = await generateObject({ model: model(), schema, prompt: 'Paris' });
    expect(object).toEqual({ city: 'Paris' });
  });

  it('shows what the model thought apart from what it says', async () => {
    speak({ thought: 'Let me see.', text: 'Well.', tokens });
    const { text, reasoningText } = await generateText({
      model: model(),
      prompt: 'Why?',
      maxOutputTokens: 4_000,
      providerOptions: { hub: { reasoningEffort: 'low' } },
    });
    expect([text, reasoningText]).toEqual(['Well.', 'Let me see.']);
  });

  it('throws what breaks a stream off', async () => {
    speak({ text: 'One two three', breaks: true, tokens });
    const errors: unknown[] = [];
    const result = streamText({ model: model(), prompt: 'Hi', onError: ({ error }) => void errors.push(error) });
    let text = '';
    for await (const piece of result.textStream) text += piece;
    expect(text).toMatch(/^One/);
    expect(errors).toHaveLength(1);
  });
});

it.each(Object.entries(EMBEDDERS))('embedMany gives vectors of %s', async (provider, model) => {
  const { embeddings, usage } = await embedMany({ model: ai.embeddingModel(model), values: ['a', '世界'] });
  expect(embeddings).toHaveLength(2);
  expect(embeddings[0]?.length).toBeGreaterThan(100);
  // Google reports none, and the hub invents none.
  if (provider !== 'gemini') expect(usage.tokens).toBeGreaterThan(0);
});

it('generateImage gives a picture', async () => {
  const { image } = await generateImage({ model: ai.imageModel('gpt-image-2'), prompt: 'A dot.' });
  expect(image.mediaType).toBe('image/png');
  expect(image.uint8Array.length).toBeGreaterThan(50);
});

it('gives errors of the hub with their status and text', async () => {
  const failed = generateText({ model: ai('no-such-model'), prompt: 'Hi', maxRetries: 0 });
  await expect(failed).rejects.toMatchObject({ statusCode: 404, message: expect.stringContaining('no-such-model') });
});
