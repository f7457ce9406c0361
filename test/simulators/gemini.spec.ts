import { MODEL_NAMES } from './gemini/models.js';
import { isSignatureOf, SENTINEL, signatureOf } from './gemini/signatures.js';
import { type GeminiSimulator, startGeminiSimulator } from './gemini.js';

/** What these tests look at of any answer. */
interface Answer {
  readonly error: { readonly message: string };
  readonly candidates: readonly {
    readonly content: {
      readonly parts: readonly {
        readonly text?: string;
        readonly thought?: boolean;
        readonly thoughtSignature?: string;
      }[];
    };
  }[];
  readonly usageMetadata: { readonly promptTokenCount: number };
  readonly modelVersion: string;
  readonly models: readonly object[];
  readonly nextPageToken?: string;
  readonly embeddings: readonly { readonly values: readonly number[] }[];
}

const read = async (response: Response): Promise<Answer> => (await response.json()) as Answer;
const user = (text: string): object => ({ role: 'user', parts: [{ text }] });
const declare = (schema: object): object => ({ tools: [{ functionDeclarations: [{ name: 'f', ...schema }] }] });
const config = (generationConfig: object): object => ({ generationConfig });

describe('the simulator of the Gemini API', () => {
  let simulator: GeminiSimulator;
  beforeAll(async () => {
    simulator = await startGeminiSimulator();
  });
  beforeEach(() => simulator.reset());
  afterAll(() => simulator.close());

  const send = async (path: string, body?: object, key = simulator.credential): Promise<Response> =>
    await fetch(simulator.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-goog-api-key': key },
      body: body === undefined ? null : JSON.stringify(body),
    });
  const generate = async (body: object, model = 'gemini-3.8-flash') => {
    const response = await send(`/models/${model}:generateContent`, { contents: [user('Hi')], ...body });
    return { status: response.status, body: await read(response) };
  };

  it.each<[string, string, object, RegExp]>([
    ['no contents', 'gemini-3.8-flash', { contents: [] }, /contents is not specified/],
    ['a turn without parts', 'gemini-3.8-flash', { contents: [{ role: 'user', parts: [] }] }, /must not be empty/],
    ['an empty text', 'gemini-3.8-flash', { contents: [user('')] }, /text parameter/],
    [
      'a role of OpenAI',
      'gemini-3.8-flash',
      { contents: [{ role: 'assistant', parts: [{ text: 'a' }] }] },
      /valid role/,
    ],
    ['an unknown field', 'gemini-3.8-flash', config({ max_tokens: 1 }), /Unknown name "max_tokens"/],
    [
      'JSON Schema in parameters',
      'gemini-3.8-flash',
      declare({ parameters: { type: 'object', $schema: 'x' } }),
      /\$schema/,
    ],
    [
      'closed objects in parameters',
      'gemini-3.8-flash',
      declare({ parameters: { type: 'object', additionalProperties: false } }),
      /additionalProperties/,
    ],
    [
      'objects without properties',
      'gemini-3.8-flash',
      declare({ parameters: { type: 'object', properties: {} } }),
      /non-empty/,
    ],
    [
      'a level of thinking it has not',
      'gemini-3.8-flash',
      config({ thinkingConfig: { thinkingLevel: 'MINIMAL' } }),
      /not supported/,
    ],
    [
      'a level for generation 2.5',
      'gemini-2.5-flash',
      config({ thinkingConfig: { thinkingLevel: 'LOW' } }),
      /not supported/,
    ],
    [
      'level and budget',
      'gemini-2.5-flash',
      config({ thinkingConfig: { thinkingLevel: 'LOW', thinkingBudget: 1 } }),
      /only one/,
    ],
    [
      '2.5 Pro without thinking',
      'gemini-2.5-pro',
      config({ thinkingConfig: { thinkingBudget: 0 } }),
      /only works in thinking mode/,
    ],
    ['candidates of generation 3', 'gemini-3.8-flash', config({ candidateCount: 2 }), /Multiple candidates/],
    ['a seed of 64 bits', 'gemini-3.8-flash', config({ seed: 2 ** 40 }), /TYPE_INT32/],
    ['six stop sequences', 'gemini-3.8-flash', config({ stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'] }), /at most 5/],
    ['pictures of a model for text', 'gemini-3.8-flash', config({ responseModalities: ['IMAGE'] }), /modalities/],
    [
      'a model turn at the end',
      'gemini-3.8-flash',
      { contents: [user('a'), { role: 'model', parts: [{ text: 'b' }] }] },
      /ending with a model turn/,
    ],
    [
      'names without a forced call',
      'gemini-3.8-flash',
      { ...declare({}), toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['f'] } } },
      /ANY/,
    ],
  ])('refuses %s', async (_name, model, body, message) => {
    const answer = await generate(body, model);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 400, status: 'INVALID_ARGUMENT' } } });
    expect(answer.body.error.message).toMatch(message);
    expect(simulator.executions).toBe(0);
  });

  it('says 400 to a wrong key, 403 to none, 404 to an unknown model', async () => {
    const wrong = await send('/models/gemini-3.8-flash:generateContent', { contents: [user('a')] }, 'AIza-wrong');
    expect([wrong.status, JSON.stringify(await wrong.json())]).toEqual([
      400,
      expect.stringContaining('API_KEY_INVALID'),
    ]);
    expect((await fetch(`${simulator.url}/models`)).status).toBe(403);
    expect(await generate({}, 'gemini-9')).toMatchObject({ status: 404, body: { error: { status: 'NOT_FOUND' } } });
  });

  const history = (thoughtSignature?: string): object => ({
    contents: [
      user('a'),
      {
        role: 'model',
        parts: [{ functionCall: { name: 'f', args: {} }, ...(thoughtSignature && { thoughtSignature }) }],
      },
      { role: 'user', parts: [{ functionResponse: { name: 'f', response: { result: '1' } } }] },
    ],
    ...declare({}),
  });

  it('wants the signature of a call of the current turn back, as it gave it', async () => {
    expect((await generate(history())).body.error.message).toMatch(/missing a thought_signature/);
    expect((await generate(history(signatureOf('gemini-3.5-flash', 1)))).body.error.message).toMatch(/not valid/);
    expect((await generate(history(signatureOf('gemini-3.8-flash', 1)))).status).toBe(200);
    expect((await generate(history(SENTINEL))).status).toBe(200);
    expect((await generate(history(), 'gemini-2.5-flash')).status).toBe(200);
  });

  it('wants as many results as calls, right after them', async () => {
    const { contents } = history(SENTINEL) as { contents: object[] };
    const refused = async (turns: object[]): Promise<string> =>
      (await generate({ contents: turns })).body.error.message;
    expect(await refused([contents[0]!, contents[1]!, user('b')])).toMatch(/number of function response parts/);
    expect(await refused([contents[0]!, contents[2]!])).toMatch(/immediately after a function call turn/);
  });

  it('calls a function with STOP, signs the first call and counts thoughts apart', async () => {
    const { body } = await generate(
      declare({ parametersJsonSchema: { type: 'object', properties: { a: { type: 'number' } } } }),
    );
    expect(body).toMatchObject({
      candidates: [{ content: { parts: [{ functionCall: { name: 'f' } }] }, finishReason: 'STOP' }],
      usageMetadata: { thoughtsTokenCount: 3 },
      modelVersion: 'gemini-3.8-flash',
    });
    const { thoughtSignature } = body.candidates[0]!.content.parts[0]!;
    expect(isSignatureOf(thoughtSignature!, 'gemini-3.8-flash')).toBe(true);
  });

  it('counts thinking within the cap: little of it leaves no text', async () => {
    const { body } = await generate(config({ maxOutputTokens: 2 }));
    expect(body.candidates[0]).toEqual({ content: { role: 'model' }, finishReason: 'MAX_TOKENS', index: 0 });
  });

  const stream = async (query: string): Promise<string> =>
    await (await send(`/models/gemini-2.5-flash:streamGenerateContent${query}`, { contents: [user('Hi')] })).text();

  it('streams events with usage in each and no [DONE]; without alt=sse one array', async () => {
    const events = (await stream('?alt=sse')).trim().split('\n\n');
    const values = events.map((event): Answer => JSON.parse(event.slice('data: '.length)));
    expect(values.every(({ usageMetadata }) => usageMetadata.promptTokenCount === 1)).toBe(true);
    expect(values.map(({ candidates }) => candidates[0]!.content.parts[0]!.text).join('')).toBe('Gemini heard: Hi');
    expect(values.at(-1)!.candidates[0]).toMatchObject({ content: { parts: [{ text: '' }] }, finishReason: 'STOP' });
    expect(JSON.parse(await stream(''))).toHaveLength(values.length);
  });

  it('blocks a prompt, breaks off with a bare error, answers by another model when told to', async () => {
    simulator.answer({ blockReason: 'PROHIBITED_CONTENT' });
    expect((await generate({})).body).toMatchObject({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } });
    expect((await generate({})).body.candidates).toBeUndefined();
    simulator.answer({ bareErrorAfter: 1 });
    expect(await stream('?alt=sse')).toMatch(/^data: \{.*\}\r\n\r\n\{\n {2}"error": \{/);
    simulator.answer({ modelVersion: 'gemini-3.5-flash-lite' });
    expect((await generate({}, 'gemini-2.5-flash')).body.modelVersion).toBe('gemini-3.5-flash-lite');
  });

  it('puts the wait into RetryInfo, where a script asks for one', async () => {
    simulator.script({ retry_after: 7 });
    const response = await send('/models/gemini-3.8-flash:generateContent', { contents: [user('a')] });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, null]);
    expect(JSON.stringify(await response.json())).toContain('"retryDelay":"7s"');
    simulator.script({ status: 503 });
    expect(await generate({})).toMatchObject({ status: 503, body: { error: { status: 'UNAVAILABLE' } } });
  });

  it('goes on from a model turn where the model takes one', async () => {
    simulator.script({ text: 'one two three' });
    const contents = [user('a'), { role: 'model', parts: [{ text: 'one two' }] }];
    const { body } = await generate({ contents }, 'gemini-2.5-flash');
    expect(body.candidates[0]!.content.parts).toEqual([{ text: ' three' }]);
  });

  it('lists its models page by page', async () => {
    const first = await read(await send('/models?pageSize=3'));
    expect([first.models.length, first.nextPageToken]).toEqual([3, '3']);
    const rest = await read(await send(`/models?pageSize=1000&pageToken=${first.nextPageToken}`));
    expect([rest.models.length, rest.nextPageToken]).toEqual([MODEL_NAMES.length - 3, undefined]);
  });

  it('embeds up to a hundred texts', async () => {
    const request = {
      model: 'models/gemini-embedding-001',
      content: { parts: [{ text: 'a' }] },
      outputDimensionality: 4,
    };
    const embed = async (count: number): Promise<Response> =>
      await send('/models/gemini-embedding-001:batchEmbedContents', { requests: Array(count).fill(request) });
    expect((await read(await embed(2))).embeddings.map(({ values }) => values.length)).toEqual([4, 4]);
    expect((await embed(101)).status).toBe(400);
  });

  it('makes a picture with a draft before it', async () => {
    const { body } = await generate(config({ responseModalities: ['TEXT', 'IMAGE'] }), 'gemini-3.1-flash-image');
    const { parts } = body.candidates[0]!.content;
    expect(parts.map(({ thought, text }) => [thought, text])).toEqual([
      [true, undefined],
      [undefined, 'Here is Hi.'],
      [undefined, undefined],
    ]);
  });
});
