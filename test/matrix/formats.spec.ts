import type { DialectUpstream, RunningUpstream, Spoken } from './dialect-upstream.js';
import { type DialectsHub, modelBy, startDialectsHub, UPSTREAMS } from './dialects-hub.js';
import type { Answer, Asked, InboundFormat, Wire } from './inbound-format.js';
import { INBOUND } from './inbound-formats.js';

// The same conversations through every format of callers to every format of upstreams: what is compared is what they mean. One more
// format of upstreams is one more file of `dialects/`.

const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const tokens = { input: 21, output: 13 };
const paris = { id: 'call_p', name: 'get_weather', input: { city: 'Paris' } };
const hangzhou = { id: 'call_h', name: 'get_weather', input: { city: '杭州', days: [1, 2.5], now: true } };

let matrix: DialectsHub;

beforeAll(async () => {
  matrix = await startDialectsHub();
});
afterAll(() => matrix.close());

/** The upstream after this one in the list. */
function neighbourOf(dialect: DialectUpstream): DialectUpstream {
  return UPSTREAMS[(UPSTREAMS.indexOf(dialect) + 1) % UPSTREAMS.length] ?? dialect;
}

/** One cell of the matrix. */
class Cell {
  readonly upstream: RunningUpstream;

  constructor(
    private readonly format: InboundFormat,
    private readonly dialect: DialectUpstream,
    private readonly isStream: boolean,
  ) {
    this.upstream = matrix.upstreamOf(dialect.provider);
  }

  begin(asked: Partial<Asked>): Wire {
    return this.format.begin({
      model: modelBy(this.dialect.provider),
      text: 'Hello?',
      cap: 500,
      isStream: this.isStream,
      ...asked,
    });
  }

  goOn(body: Wire, answer: Answer, results: readonly string[], question?: string): Wire {
    return this.format.goOn(body, answer, results, question);
  }

  async ask(body: Wire, spoken: Spoken): Promise<Answer> {
    this.upstream.speak(spoken);
    const response = await matrix.hub.post(this.format.path, body);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${text}`);
    if (!this.isStream) return this.format.readWhole(JSON.parse(text));
    const data = text.split(/\n\n/).flatMap((block) => /^data: (\{.*)$/m.exec(block)?.[1] ?? []);
    return this.format.readStream(data.map((event) => JSON.parse(event)));
  }
}

const CELLS = INBOUND.flatMap((format) =>
  UPSTREAMS.flatMap((dialect) =>
    ['whole', 'stream'].map((form) => [format.name, dialect.provider, form, format, dialect] as const),
  ),
);

describe.each(CELLS)('%s to %s, %s', (_name, _provider, form, format, dialect) => {
  const isStream = form === 'stream';
  const open = () => new Cell(format, dialect, isStream);

  it('carries a text, its instructions and its cap, and says what was answered and consumed', async () => {
    const cell = open();
    const answer = await cell.ask(cell.begin({ system: 'Be brief. 简短', text: 'Who are you? 谁 👋' }), {
      text: 'I am a model. 模型',
      tokens,
    });
    expect(answer).toMatchObject({ text: 'I am a model. 模型', thought: '', calls: [], finish: 'stop', usage: tokens });
    expect(cell.upstream.heard()).toEqual({
      system: 'Be brief. 简短',
      said: [{ by: 'user', text: 'Who are you? 谁 👋' }],
      tools: [],
      cap: 500,
      isStream,
      hasOwnThoughts: false,
    });
  });

  it('goes on with a conversation', async () => {
    const cell = open();
    const first = cell.begin({ text: 'One?' });
    const answer = await cell.ask(first, { text: 'One.', tokens });
    await cell.ask(cell.goOn(first, answer, [], 'Two?'), { text: 'Two.', tokens });
    expect(cell.upstream.heard().said).toEqual([
      { by: 'user', text: 'One?' },
      { by: 'assistant', text: 'One.' },
      { by: 'user', text: 'Two?' },
    ]);
  });

  it('says that an answer was cut at its cap', async () => {
    const cell = open();
    const answer = await cell.ask(cell.begin({}), { text: 'I am a', isCut: true, tokens });
    expect(answer).toMatchObject({ text: 'I am a', finish: 'length', usage: tokens });
  });

  it('carries a picture', async () => {
    const cell = open();
    await cell.ask(cell.begin({ text: 'What is it?', picture: PNG }), { text: 'A dot.', tokens });
    expect(cell.upstream.heard().said).toEqual([
      { by: 'user', text: 'What is it?' },
      { by: 'user', picture: PNG },
    ]);
  });

  it('calls functions, takes their results, and gives the model back what it thought', async () => {
    const cell = open();
    const first = cell.begin({ text: 'Weather?', tools: ['get_weather', 'get_time'], thinks: true, cap: 4_000 });
    const answer = await cell.ask(first, { thought: 'Both places.', calls: [paris, hangzhou], tokens });
    expect(answer).toMatchObject({ text: '', thought: 'Both places.', finish: 'tool_calls', usage: tokens });
    expect(answer.calls.map(({ name, input }) => [name, input])).toEqual([
      [paris.name, paris.input],
      [hangzhou.name, hangzhou.input],
    ]);
    expect(new Set(answer.calls.map(({ id }) => id)).size).toBe(2);
    expect(cell.upstream.heard().tools).toEqual(['get_weather', 'get_time']);

    const end = await cell.ask(cell.goOn(first, answer, ['sunny', 'rain 雨']), { text: 'Sun, and rain.', tokens });
    expect(end).toMatchObject({ text: 'Sun, and rain.', calls: [], finish: 'stop' });
    const heard = cell.upstream.heard();
    expect(heard.said).toEqual([
      { by: 'user', text: 'Weather?' },
      { by: 'assistant', call: paris.name, input: paris.input },
      { by: 'assistant', call: hangzhou.name, input: hangzhou.input },
      { by: 'tool', of: 'get_weather', text: 'sunny' },
      { by: 'tool', of: 'get_weather', text: 'rain 雨' },
    ]);
    expect(heard.hasOwnThoughts).toBe(dialect.takesThoughts);
  });

  it("goes on with what another vendor's model thought and called", async () => {
    const other = new Cell(format, neighbourOf(dialect), isStream);
    const asked = { text: 'Weather?', tools: ['get_weather'], thinks: true, cap: 4_000 };
    const answer = await other.ask(other.begin(asked), { thought: 'Where is it?', calls: [paris], tokens });
    const cell = open();
    const end = await cell.ask(cell.goOn(cell.begin(asked), answer, ['sunny']), { text: 'Sun.', tokens });
    expect(end).toMatchObject({ text: 'Sun.', finish: 'stop' });
    // Signatures of the other are not among it: the simulators would have refused them.
    expect(cell.upstream.heard().said).toEqual([
      { by: 'user', text: 'Weather?' },
      { by: 'assistant', call: paris.name, input: paris.input },
      { by: 'tool', of: 'get_weather', text: 'sunny' },
    ]);
  });

  it('calls a function after a word about it', async () => {
    const cell = open();
    const first = cell.begin({ text: 'Weather?', tools: ['get_weather'] });
    const answer = await cell.ask(first, { text: 'Let me look.', calls: [paris], tokens });
    expect(answer).toMatchObject({ text: 'Let me look.', finish: 'tool_calls', calls: [{ input: paris.input }] });
    await cell.ask(cell.goOn(first, answer, ['sunny']), { text: 'Sun.', tokens });
    expect(cell.upstream.heard().said).toEqual([
      { by: 'user', text: 'Weather?' },
      { by: 'assistant', text: 'Let me look.' },
      { by: 'assistant', call: paris.name, input: paris.input },
      { by: 'tool', of: 'get_weather', text: 'sunny' },
    ]);
  });

  it('shows what the model thought, apart from what it says', async () => {
    const cell = open();
    const answer = await cell.ask(cell.begin({ text: 'Why?', thinks: true, cap: 4_000 }), {
      thought: 'Because of that.',
      text: 'Because.',
      tokens,
    });
    expect(answer).toMatchObject({ text: 'Because.', thought: 'Because of that.', finish: 'stop', usage: tokens });
  });

  if (isStream)
    it('tells of a failure after the first words, and never of an end', async () => {
      const cell = open();
      const answer = await cell.ask(cell.begin({}), { text: 'One two three', breaks: true, tokens });
      expect(answer).toMatchObject({ text: expect.stringMatching(/^One/), finish: 'failed' });
      expect(answer.error).toBeDefined();
    });
});
