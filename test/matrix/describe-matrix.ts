import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TEST_PRICE, UNIT } from '../support/books.js';
import { FAULTS, type Fate, type Fault, type Form, TEXT, USED } from './faults.js';
import { type Cell, type Company, FALLBACK, FALLBACK_PRICE, MODEL, type Outcome, PATIENCE_MS, Rig } from './rig.js';
import type { Dialect } from './upstreams.js';

/** Generous: a loaded machine is slow, while an upstream that never answers takes for ever. */
const RESCUE_MS_MAX = 10_000;
/** More tokens than the text has. */
const WORDS_MAX = 30;
const FORMS: readonly Form[] = ['stream', 'whole'];

/**
 * The promises of every cell between two formats: each fault of the first upstream, for streams and whole answers, with another channel
 * and with a fallback model on the second upstream. What the caller sees, what each upstream sees, how long it takes, what is charged.
 */
export function describeMatrix(first: Dialect, second: Dialect, companies: readonly Company[]): void {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.start();
  });
  afterAll(() => rig.close());

  for (const company of companies) {
    if (company === 'nobody') continue;
    describe(`${first}, then ${second}, ${company}`, () => {
      for (const [form, fault, fate] of cellsOf(FAULTS)) {
        it(`${fault.name}: a ${form} answer is ${TITLES[fateWith(fate, company)]}`, async () => {
          const cell: Cell = { fault, form, dialects: [first, second], company };
          expectFate(cell, fateWith(fate, company), await rig.play(cell));
        });
      }
    });
  }

  if (companies.includes('nobody')) describeTruth(first, second, () => rig);

  describe(`the books after ${first}, then ${second}`, () => {
    it('are sound, and nothing is held any more', () => rig.requireSoundBooks());
  });
}

/** With the same fault at both upstreams nobody can help, and the caller learns the truth. */
function describeTruth(first: Dialect, second: Dialect, rig: () => Rig): void {
  describe(`${first} and ${second} with the same fault`, () => {
    for (const [form, fault, fate] of cellsOf(FAULTS.filter(({ slow }) => slow === undefined))) {
      it(`${fault.name}: a ${form} answer ends in the truth`, async () => {
        const cell: Cell = { fault, form, dialects: [first, second], company: 'two channels', isEverywhere: true };
        expectTruth(cell, fate, await rig().play(cell));
      });
    }
  });
}

const TITLES: Readonly<Record<Fate, string>> = {
  elsewhere: 'given by the second one',
  resumed: 'gone on with by the second one',
  complete: 'complete all the same',
  refused: 'refused, and nobody else is asked',
  fallback: 'given by the fallback',
};

function fateWith(fate: Fate, company: Company): Fate {
  return fate === 'fallback' ? (company === 'fallback model' ? 'elsewhere' : 'refused') : fate;
}

function cellsOf(faults: readonly Fault[]): readonly (readonly [Form, Fault, Fate])[] {
  return FORMS.flatMap((form) =>
    faults.flatMap((fault) => {
      const fate = fault.fate[form];
      return fate === undefined ? [] : [[form, fault, fate] as const];
    }),
  );
}

function expectFate(cell: Cell, fate: Fate, outcome: Outcome): void {
  if (fate === 'refused') {
    expectRefusal(cell, outcome);
    expect(outcome.second).toHaveLength(0);
    return;
  }
  const isSecond = fate !== 'complete';
  const isFallback = isSecond && cell.company === 'fallback model';
  expect(outcome).toMatchObject({ status: 200, text: TEXT, isComplete: true, error: undefined });
  expect(outcome.ms).toBeLessThan(RESCUE_MS_MAX);
  expect(outcome.first).toHaveLength(cell.fault.wire === 'refused' ? 0 : 1);
  // A second one that has refused to go on from the beginning is asked once more, from the start.
  const seconds = !isSecond ? 0 : canPrefill(cell) && cell.fault.secondRule !== undefined ? 2 : 1;
  expect(outcome.second).toHaveLength(seconds);
  const [asked, askedNext] = [outcome.first[0], outcome.second[0]];
  // Not before the hub's patience is over, and at once where nothing is to be waited for.
  if (asked !== undefined && askedNext !== undefined)
    expect(askedNext - asked).toBeGreaterThanOrEqual(cell.fault.slow === undefined ? 0 : PATIENCE_MS / 2);
  expect(outcome.headers.get('x-hub-attempts')).toBe(attemptsAtHead(fate));
  expect(outcome.headers.get('x-hub-model')).toBe(isFallback && attemptsAtHead(fate) === '2' ? FALLBACK : MODEL);
  expectCharge(cell, fate, outcome, isFallback ? FALLBACK_PRICE : TEST_PRICE);
}

/** The head of a stream is sent with its first content, before it breaks. */
function attemptsAtHead(fate: Fate): string {
  return fate === 'elsewhere' ? '2' : '1';
}

/** The second one goes on from the beginning of an answer. */
function canPrefill({ dialects }: Cell): boolean {
  return dialects[1] !== 'openai';
}

function expectCharge(
  cell: Cell,
  fate: Fate,
  { booked, paid, told }: Outcome,
  price: typeof FALLBACK_PRICE | typeof TEST_PRICE,
): void {
  const events = booked?.events ?? [];
  const final = events.filter(({ isFinal }) => isFinal);
  expect(final).toHaveLength(1);
  const [event] = final;
  expect(event).toMatchObject({ outcome: 'done', loss: 0n, errorCode: null });
  for (const failed of events.filter(({ isFinal }) => !isFinal)) expect(failed).toMatchObject({ cost: 0n, loss: 0n });
  expect(paid).toBe(event?.cost);
  expect(booked).toMatchObject({ state: 'settled', settled: paid });
  const input = event?.inputTokens ?? 0;
  const output = event?.outputTokens ?? 0;
  expect(paid).toBe(
    ((BigInt(input) * BigInt(price.inputPerMillion) + BigInt(output) * BigInt(price.outputPerMillion)) * UNIT) / 1000n,
  );
  if (told !== undefined) expect(told).toMatchObject({ prompt_tokens: input, completion_tokens: output });
  const isJoined = fate === 'resumed' && canPrefill(cell) && cell.fault.secondRule === undefined;
  if (!isJoined) {
    expect([input, output]).toEqual([USED.in, USED.out]);
    return;
  }
  // What was sent before the break is the hub's own count; the second one reports only what it added.
  expect(output).toBeGreaterThan(USED.out);
  expect(output).toBeLessThanOrEqual(USED.out + WORDS_MAX);
}

function expectRefusal(cell: Cell, outcome: Outcome): void {
  const { fault } = cell;
  const { status, error } = outcome;
  expect(`${status} ${error}`).toMatch(fault.told);
  expect(outcome).toMatchObject({ isComplete: false, text: '', paid: 0n });
}

/** Nobody can help: the caller learns what is wrong, and pays for what was delivered. */
function expectTruth(cell: Cell, fate: Fate, outcome: Outcome): void {
  expect(outcome.ms).toBeLessThan(RESCUE_MS_MAX);
  if (fate === 'complete') {
    expectFate(cell, fate, outcome);
    return;
  }
  // Each is asked once; where it may be the request's own fault, only one is.
  expect(outcome.first.length + outcome.second.length).toBeLessThanOrEqual(4);
  if (fate !== 'resumed') {
    expectRefusal(cell, outcome);
    return;
  }
  expect(outcome).toMatchObject({ status: 200, isComplete: false });
  expect(outcome.error).toMatch(/^upstream_/);
  expect(TEXT.startsWith(outcome.text)).toBe(true);
  const final = outcome.booked?.events.filter(({ isFinal }) => isFinal) ?? [];
  expect(final).toHaveLength(1);
  expect(outcome.paid).toBe(final[0]?.cost);
  expect(outcome.paid).toBeGreaterThan(0n);
}
