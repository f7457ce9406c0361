import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ModelRouting } from '../../src/channels/model-routing.js';
import { TEST_PRICE, UNIT } from '../support/books.js';
import { requestLine } from '../support/relay-client.js';
import { until } from '../support/until.js';
import { FAULTS, type Fault, GOOD, TEXT } from './faults.js';
import { type Cell, FALLBACK, type Outcome, Rig } from './rig.js';
import type { Rule } from './upstreams.js';

// What the operator decides about faults, and what no decision can make right.

/** The hub waits for a quarter of a second at most; a busy machine may be slow by itself. */
const SOON_MS_MAX = 5_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(async () => {
  await rig.requireSoundBooks();
  await rig.close();
});

const fault = (name: string): Fault => FAULTS.find((one) => one.name === name)!;
const cut = fault('cut mid-answer, by a reset');

function cellOf(parts: Partial<Cell> & Pick<Cell, 'fault'>, routing: ModelRouting = {}): Cell {
  return { form: 'stream', dialects: ['openai', 'openai'], company: 'two channels', model: { routing }, ...parts };
}

const asked = ({ first, second }: Outcome): readonly number[] => [first.length, second.length];

/** A stream that broke off for good: what was sent is true, its end is an error, and it is paid for. */
function expectBroken(outcome: Outcome, error: string): void {
  expect(outcome).toMatchObject({ status: 200, isComplete: false, error });
  expect(TEXT.startsWith(outcome.text)).toBe(true);
  expect(outcome.text).not.toBe('');
  const final = outcome.booked!.events.find(({ isFinal }) => isFinal)!;
  expect(final.outputTokens).toBeGreaterThan(0);
  expect(final.outputTokens).toBeLessThan(30);
  expect(outcome.paid).toBe(BigInt(final.inputTokens! + 2 * final.outputTokens!) * UNIT);
}

describe('a stream that broke off', () => {
  it.each(['openai', 'anthropic', 'gemini'] as const)(
    'is not gone on with by %s, where it tells something else',
    async (second) => {
      const other = 'The sun shone all day, and everybody went to the lake instead of staying at home.';
      const rules: Fault = { ...cut, secondRule: () => () => ({ ...GOOD, text: other }) };
      const outcome = await rig.play(cellOf({ fault: rules, dialects: ['openai', second] }));
      if (second === 'openai') expectBroken(outcome, 'upstream_incomplete');
      // A model that was given the beginning has gone on from it: whatever it says is the continuation.
      else
        expect(outcome).toMatchObject({ text: expect.stringMatching(/^Rain fell.*The sun shone/), isComplete: true });
      expect(asked(outcome)).toEqual([1, 1]);
    },
  );

  it('says nothing against a channel that would have told it otherwise', async () => {
    const text = 'Something else happened.';
    const cell = cellOf({ fault: { ...cut, secondRule: () => () => ({ ...GOOD, text }) } });
    await rig.arrange(cell);
    for (let number = 1; number <= 5; number++) {
      const outcome = await rig.ask(cell);
      expectBroken(outcome, 'upstream_incomplete');
      expect(asked(outcome)).toEqual([number, number]);
    }
    // The first one is ejected now, but for a probe each time that a rest is over; the other one is as sound as ever.
    const outcome = await until(async () => {
      const seen = await rig.ask(cell);
      return seen.isComplete && seen;
    });
    expect(outcome.text).toBe(text);
    expect(outcome.second.length - outcome.first.length).toBe(1);
  });

  it('ends in an error where the operator wants no rescue', async () => {
    const outcome = await rig.play(cellOf({ fault: cut }, { rescue: 'error' }));
    expectBroken(outcome, 'upstream_incomplete');
    expect(asked(outcome)).toEqual([1, 0]);
  });

  it('ends in an error when it had several choices', async () => {
    const outcome = await rig.play(cellOf({ fault: cut }), { n: 2 }).catch((error: unknown) => String(error));
    // Two choices are more than the reader of answers takes; that there is an error, and no end, is to be seen all the same.
    expect(JSON.stringify(outcome)).toContain('upstream_incomplete');
    expect(JSON.stringify(outcome)).not.toContain('[DONE]');
    expect(rig.seenBy(cellOf({ fault: cut })).second).toHaveLength(0);
  });

  it('is never spliced inside the arguments of a tool call', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' }, day: { type: 'string' } } };
    const tools = [{ type: 'function', function: { name: 'weather', parameters } }];
    const calls: Fault = { ...cut, rule: () => () => ({ cut_after: 3 }), secondRule: () => () => ({}) };
    const outcome = await rig.play(cellOf({ fault: calls }), { tools, tool_choice: 'required' });
    expect(outcome).toMatchObject({ status: 200, isComplete: false, error: 'upstream_incomplete' });
    expect(asked(outcome)).toEqual([1, 0]);
  });
});

describe('a stream with an event that arrives torn', () => {
  const chunk = (delta: object, finish_reason: string | null = null): string =>
    `data: ${JSON.stringify({ id: 'chatcmpl-torn', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  const words = TEXT.split(/(?<= )/);
  const events = [...words.map((content) => chunk({ content })), chunk({}, 'stop'), 'data: [DONE]\n\n'];
  const torn = (at: number): Fault => ({
    ...cut,
    rule: () => () => ({
      status: 200,
      content_type: 'text/event-stream',
      body: events.map((event, i) => (i === at ? `${event.slice(0, -12)}\n\n` : event)).join(''),
    }),
  });

  it('does not lack its beginning where another channel has it', async () => {
    const outcome = await rig.play(cellOf({ fault: torn(0) }));
    expect(outcome).toMatchObject({ status: 200, text: TEXT, isComplete: true });
    expect(asked(outcome)).toEqual([1, 1]);
  });

  it('is what it is further on, and the log counts what was dropped (T056)', async () => {
    const outcome = await rig.play(cellOf({ fault: torn(3) }));
    expect(outcome).toMatchObject({ status: 200, text: words.toSpliced(3, 1).join(''), isComplete: true });
    expect(await requestLine(rig.hub, outcome)).toMatchObject({ droppedEvents: 1, attempts: 1 });
  });
});

describe('a refusal by a content policy', () => {
  const refused = fault('content filter');

  it.each(['stream', 'whole'] as const)(
    'is brought before the next channel where the operator says so: %s',
    async (form) => {
      const outcome = await rig.play(cellOf({ fault: refused, form }, { retryContentPolicy: true }));
      expect(outcome).toMatchObject({ status: 200, text: TEXT, isComplete: true });
      expect(asked(outcome)).toEqual([1, 1]);
    },
  );

  it('opens a fallback that is meant for it', async () => {
    const fallbacks = [{ model: FALLBACK, on: ['content_refused' as const] }];
    const outcome = await rig.play(cellOf({ fault: refused, company: 'fallback model' }, { fallbacks }));
    expect(outcome).toMatchObject({ status: 200, text: TEXT, isComplete: true });
    expect(outcome.headers.get('x-hub-model')).toBe(FALLBACK);
  });
});

describe('a fallback', () => {
  it('is not opened by what it is not meant for', async () => {
    const fallbacks = [{ model: FALLBACK, on: ['context_length' as const] }];
    const outcome = await rig.play(
      cellOf({ fault: fault('503 for long'), company: 'fallback model', form: 'whole' }, { fallbacks }),
    );
    expect(outcome).toMatchObject({ status: 503, error: 'upstream_overloaded', paid: 0n });
    expect(outcome.second).toHaveLength(0);
  });

  it('never serves a key that may not use it', async () => {
    const cell = cellOf({ fault: fault('503 for long'), company: 'fallback model', form: 'whole' });
    await rig.arrange(cell);
    const { key } = await rig.hub.createKey({ models: ['asked'] });
    const answer = await rig.hub.post(
      '/api/relay/v1/chat/completions',
      { model: 'asked', messages: [{ role: 'user', content: 'Hello' }] },
      { key },
    );
    expect(answer.status).toBe(503);
    await answer.arrayBuffer();
    expect(rig.seenBy(cell).second).toHaveLength(0);
  });
});

describe('a channel without company', () => {
  const alone = (rule: Rule, form: Cell['form'] = 'whole'): Cell =>
    cellOf({ fault: { ...cut, rule: () => rule }, company: 'nobody', form });
  const gapOf = ({ first }: Outcome): number => first[1]! - first[0]!;

  it.each(['stream', 'whole'] as const)('is asked once more after a moment when it failed once: %s', async (form) => {
    const outcome = await rig.play(alone(({ number }) => (number === 0 ? { status: 500 } : GOOD), form));
    expect(outcome).toMatchObject({ status: 200, text: TEXT, isComplete: true });
    expect(outcome.first).toHaveLength(2);
    expect(gapOf(outcome)).toBeLessThan(SOON_MS_MAX);
    expect(outcome.paid).toBe(((7n + 22n) * UNIT * BigInt(TEST_PRICE.inputPerMillion)) / 1000n);
  });

  it('is asked once more when it wants to be, not sooner', async () => {
    const outcome = await rig.play(alone(({ number }) => (number === 0 ? { retry_after: 1 } : GOOD)));
    expect(outcome).toMatchObject({ status: 200, text: TEXT, isComplete: true });
    expect(outcome.first).toHaveLength(2);
    // Timers may be early by a bit.
    expect(gapOf(outcome)).toBeGreaterThan(990);
  });

  it('is not waited for when it wants to be left alone for long', async () => {
    const outcome = await rig.play(alone(() => ({ retry_after: 30 })));
    expect(outcome).toMatchObject({ status: 429, error: 'rate_limit_exceeded', paid: 0n });
    expect(outcome.headers.get('retry-after')).toBe('30');
    expect(outcome.first).toHaveLength(1);
  });

  it('is asked twice at most when it is down', async () => {
    const outcome = await rig.play(alone(() => ({ status: 503 })));
    expect(outcome).toMatchObject({ status: 503, error: 'upstream_overloaded', paid: 0n });
    expect(outcome.first).toHaveLength(2);
  });

  it('is asked once about a request that is wrong', async () => {
    const outcome = await rig.play({ ...alone(() => undefined), fault: fault('invalid request') });
    expect(outcome).toMatchObject({ status: 400, paid: 0n });
    expect(outcome.first).toHaveLength(1);
  });
});

describe('two channels', () => {
  it('leave the one alone that asked to wait, and tell the shorter wait when both do (T065)', async () => {
    const waits: Fault = { ...cut, rule: () => () => ({ retry_after: 30 }) };
    const cell = cellOf({ fault: waits, form: 'whole' });
    expect(asked(await rig.play(cell))).toEqual([1, 1]);
    expect(asked(await rig.ask(cell))).toEqual([1, 2]);
    const both = await rig.play({
      ...cell,
      fault: { ...waits, secondRule: () => () => ({ retry_after: 5 }) },
    });
    expect(both).toMatchObject({ status: 429, error: 'rate_limit_exceeded' });
    expect(both.headers.get('retry-after')).toBe('5');
  });

  it('leave the one alone whose credential is refused, and the caller never sees that (T067)', async () => {
    const refusing: Fault = {
      ...cut,
      rule: () => () => ({ status: 401, body: { error: { message: 'Bad key {{authorization}}' } } }),
    };
    const cell = cellOf({ fault: refusing, form: 'whole' });
    expect(await rig.play(cell)).toMatchObject({ status: 200, text: TEXT });
    expect(asked(await rig.ask(cell))).toEqual([1, 2]);
    expect(rig.hub.logText()).not.toContain('sk-matrix-openai');
  });

  it('are not punished for requests that are wrong (T068)', async () => {
    const cell = cellOf({ fault: fault('invalid request'), form: 'whole' });
    await rig.arrange(cell);
    for (let number = 1; number <= 8; number++) {
      const outcome = await rig.ask(cell);
      expect(outcome.status).toBe(400);
      expect(asked(outcome)).toEqual([number, 0]);
    }
  });
});

describe('a channel that flaps', () => {
  it.each(['stream', 'whole'] as const)('costs no caller an answer: %s', async (form) => {
    // Good and bad by turns, three requests long each, in all ways that a whole or streamed answer can fail.
    const bad = [{ status: 503 }, { ...GOOD, cut_after: 2 }, { html: true }, { status: 429 }];
    const flaps: Fault = {
      ...cut,
      rule:
        () =>
        ({ number }) =>
          number % 6 < 3 ? bad[number % bad.length] : GOOD,
    };
    const cell = cellOf({ fault: flaps, form });
    await rig.arrange(cell);
    for (let number = 0; number < 24; number++) {
      const outcome = await rig.ask(cell);
      expect(outcome).toMatchObject({ status: 200, text: TEXT, isComplete: true, error: undefined });
      expect(outcome.paid).toBe(29n * UNIT);
    }
    const { first, second } = rig.seenBy(cell);
    expect(first.length).toBeGreaterThan(6);
    expect(second.length).toBeGreaterThan(3);
  });
});
