import { VirtualClock } from '../../../test/support/virtual-clock.js';
import { BatchLanes, type BatchLanesOptions, LedgerUnavailableError } from './batch-lanes.js';
import { LedgerStoreError, type LedgerStoreFault } from './ledger-store.js';

interface Item {
  readonly name: string;
  readonly account: string;
}

const TRIP_MS = 10;

let clock: VirtualClock;
/** Each call of the store: the names in it, and `again` when it was marked as a repetition. */
let calls: string[];
/** What the store says of a batch; undefined: all well. */
let faultOf: (items: readonly Item[], isRetry: boolean) => LedgerStoreFault | Error | undefined;
let lockedAccounts: Set<string>;
let tooLate: string[];

beforeEach(() => {
  clock = new VirtualClock();
  calls = [];
  faultOf = () => undefined;
  lockedAccounts = new Set();
  tooLate = [];
});

function open(more: Partial<BatchLanesOptions<Item, string>> = {}): BatchLanes<Item, string> {
  return new BatchLanes<Item, string>({
    clock,
    accountOf: (item) => item.account,
    waitingMax: 10_000,
    findLocked: async (ids) => ids.filter((id) => lockedAccounts.has(id)),
    onTooLate: (item, result) => tooLate.push(`${item.name} ${result}`),
    run: async (items, isRetry) => {
      const names = items.map((item) => item.name).join(' ');
      calls.push(isRetry ? `${names} again` : names);
      await clock.sleep(TRIP_MS);
      const isLocked = items.some((item) => lockedAccounts.has(item.account));
      const fault = isLocked ? 'locked' : faultOf(items, isRetry);
      if (fault instanceof Error) throw fault;
      if (fault !== undefined) throw new LedgerStoreError(fault, undefined);
      return items.map((item) => `did ${item.name}`);
    },
    ...more,
  });
}

/** Adds an item and notes how it ends. */
function add(lanes: BatchLanes<Item, string>, name: string, account = 'a'): { end?: string } {
  const record: { end?: string } = {};
  lanes.add({ name, account }).then(
    (result) => {
      record.end = result;
    },
    (error: Error) => {
      record.end = error.name;
    },
  );
  return record;
}

describe('a batch', () => {
  it('that gets no answer is smaller the next time, as one too large for the time there is would never come to its end', async () => {
    const lanes = open();
    faultOf = (items) => (items.length > 20 ? 'unavailable' : undefined);
    const all = Array.from({ length: 100 }, (_, i) => add(lanes, `item${i}`));
    await clock.advance(5_000);
    expect(all.map(({ end }) => end)).toEqual(all.map((_, i) => `did item${i}`));
    const sizes = calls.map((names) => names.split(' ').filter((name) => name !== 'again').length);
    expect(sizes).toEqual([100, 50, 25, 16, 16, 16, 16, 16, 16, 4]);
    faultOf = () => undefined;
    for (let i = 0; i < 100; i++) add(lanes, `more${i}`);
    await clock.advance(5_000);
    expect(calls.slice(sizes.length).map((names) => names.split(' ').length)).toEqual([16, 32, 52]);
  });

  it('has one item when nothing else waits, and is sent without a delay', async () => {
    const one = add(open(), 'one');
    await clock.advance(0);
    expect(calls).toEqual(['one']);
    await clock.advance(TRIP_MS);
    expect(one.end).toBe('did one');
  });

  it('is the only one under way, and what comes meanwhile is the next one', async () => {
    const lanes = open();
    add(lanes, 'one');
    await clock.advance(1);
    const two = add(lanes, 'two');
    const three = add(lanes, 'three', 'b');
    await clock.advance(1);
    expect(calls).toEqual(['one']);
    await clock.advance(3 * TRIP_MS);
    expect(calls).toEqual(['one', 'two three']);
    expect([two.end, three.end]).toEqual(['did two', 'did three']);
    expect(lanes.size).toBe(0);
  });

  it('has at most 256 items', async () => {
    const lanes = open();
    for (let count = 0; count < 600; count++) add(lanes, `${count}`);
    await clock.advance(5 * TRIP_MS);
    expect(calls.map((call) => call.split(' ').length)).toEqual([256, 256, 88]);
  });

  it('that is refused is cut in two until the item at fault is alone, and only that one is refused', async () => {
    const lanes = open();
    faultOf = (items) => (items.some((item) => item.name === 'bad') ? 'broken' : undefined);
    const ends = ['one', 'two', 'bad', 'four'].map((name) => add(lanes, name));
    await clock.advance(10 * TRIP_MS);
    expect(ends.map(({ end }) => end)).toEqual(['did one', 'did two', 'LedgerStoreError', 'did four']);
    expect(calls).toEqual(['one two bad four', 'one two', 'bad four', 'bad', 'four']);
  });

  it('is cut in two as well when the store throws something it should not', async () => {
    const lanes = open();
    faultOf = (items) => (items.some((item) => item.name === 'bad') ? new TypeError('a defect') : undefined);
    const ends = ['bad', 'good'].map((name) => add(lanes, name));
    await clock.advance(10 * TRIP_MS);
    expect(ends.map(({ end }) => end)).toEqual(['TypeError', 'did good']);
  });

  it('that lost against another transaction is tried again, but not for ever', async () => {
    const lanes = open();
    let losses = 3;
    faultOf = () => (losses-- > 0 ? 'conflict' : undefined);
    const lucky = add(lanes, 'lucky');
    await clock.advance(10 * TRIP_MS);
    expect(lucky.end).toBe('did lucky');
    losses = 1_000;
    calls = [];
    const unlucky = add(lanes, 'unlucky');
    await clock.advance(100 * TRIP_MS);
    expect(unlucky.end).toBe('LedgerStoreError');
    expect(calls).toHaveLength(11);
  });
});

describe('a call without an answer', () => {
  it('is made again with the same items and marked as a repetition, whatever has joined them', async () => {
    const lanes = open();
    faultOf = (_, isRetry) => (isRetry ? undefined : 'unavailable');
    const one = add(lanes, 'one');
    await clock.advance(5);
    const two = add(lanes, 'two');
    await clock.advance(20 * TRIP_MS);
    expect(calls).toEqual(['one', 'one two again']);
    expect([one.end, two.end]).toEqual(['did one', 'did two']);
  });

  it('is made again more and more slowly, at least once a second', async () => {
    const lanes = open();
    faultOf = () => 'unavailable';
    add(lanes, 'one');
    await clock.advance(60_000);
    expect(calls.length).toBeGreaterThan(60);
    expect(calls.length).toBeLessThan(75);
  });

  it('does not mark what comes after it', async () => {
    const lanes = open();
    faultOf = (_, isRetry) => (isRetry ? undefined : 'unavailable');
    add(lanes, 'one');
    await clock.advance(1_000);
    faultOf = () => undefined;
    add(lanes, 'two');
    await clock.advance(1_000);
    expect(calls).toEqual(['one', 'one again', 'two']);
  });
});

describe('an account that somebody else has locked', () => {
  it('waits in a lane of its own, and the others do not wait with it', async () => {
    const lanes = open();
    lockedAccounts.add('a');
    const locked = add(lanes, 'locked', 'a');
    const free = add(lanes, 'free', 'b');
    await clock.advance(5 * TRIP_MS);
    expect([locked.end, free.end]).toEqual([undefined, 'did free']);
    const later = add(lanes, 'later', 'a');
    const other = add(lanes, 'other', 'b');
    await clock.advance(3 * TRIP_MS);
    expect([later.end, other.end]).toEqual([undefined, 'did other']);
    lockedAccounts.clear();
    await clock.advance(1_500);
    expect([locked.end, later.end]).toEqual(['did locked', 'did later']);
  });

  it('comes back to the others after a second', async () => {
    const lanes = open();
    lockedAccounts.add('a');
    add(lanes, 'one', 'a');
    await clock.advance(5 * TRIP_MS);
    lockedAccounts.clear();
    await clock.advance(3_000);
    calls = [];
    add(lanes, 'x', 'a');
    add(lanes, 'y', 'b');
    await clock.advance(TRIP_MS);
    expect(calls).toEqual(['x y']);
  });

  it('does not keep out a third one when two stay locked', async () => {
    const lanes = open();
    for (const account of ['a', 'b', 'c']) lockedAccounts.add(account);
    add(lanes, 'one', 'a');
    add(lanes, 'two', 'b');
    const third = add(lanes, 'three', 'c');
    await clock.advance(5 * TRIP_MS);
    lockedAccounts.delete('c');
    await clock.advance(3_000);
    expect(third.end).toBe('did three');
  });

  it('is not known while the database does not say so: then all of the batch waits and is tried again', async () => {
    const lanes = open({ findLocked: () => Promise.reject(new LedgerStoreError('unavailable', undefined)) });
    lockedAccounts.add('a');
    const ends = [add(lanes, 'one', 'a'), add(lanes, 'two', 'b')];
    await clock.advance(3 * TRIP_MS);
    lockedAccounts.clear();
    await clock.advance(1_000);
    expect(ends.map(({ end }) => end)).toEqual(['did one', 'did two']);
  });
});

describe('whoever waits too long', () => {
  it('is told so, and what was not sent yet is never sent', async () => {
    const lanes = open({ patienceMs: 500, run: () => new Promise(() => undefined) });
    const first = add(lanes, 'first');
    await clock.advance(1);
    const second = add(lanes, 'second');
    await clock.advance(700);
    expect([first.end, second.end]).toEqual(['LedgerUnavailableError', 'LedgerUnavailableError']);
  });

  it('is not told so because the process itself stood still: the answer may lie unread', async () => {
    let sleptMs = 0;
    const sleepy = { now: () => clock.now() + sleptMs, schedule: clock.schedule.bind(clock) };
    // The look for those who wait too long, which is due every 100 ms, comes before the answer.
    const run = () => clock.sleep(150).then(() => ['answer']);
    const one = add(open({ clock: sleepy, patienceMs: 500, run }), 'one');
    await clock.advance(50);
    sleptMs = 60_000;
    await clock.advance(150);
    expect(one.end).toBe('answer');
  });

  it('leaves nothing behind that was never sent', async () => {
    let finish: () => void = () => undefined;
    const sent: string[] = [];
    const lanes = open({
      patienceMs: 500,
      run: async (items) => {
        sent.push(...items.map((item) => item.name));
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return items.map(() => 'done');
      },
    });
    add(lanes, 'first');
    await clock.advance(1);
    add(lanes, 'second');
    await clock.advance(700);
    finish();
    await clock.advance(100);
    expect(sent).toEqual(['first']);
    expect(lanes.size).toBe(0);
    expect(tooLate).toEqual(['first done']);
  });

  it('is still asked about when it may have been carried out, and the answer is handed on', async () => {
    const lanes = open({ patienceMs: 500 });
    faultOf = () => (clock.now() < 2_000 ? 'unavailable' : undefined);
    const one = add(lanes, 'one');
    await clock.advance(700);
    expect(one.end).toBe('LedgerUnavailableError');
    await clock.advance(5_000);
    expect(tooLate).toEqual(['one did one']);
    expect(calls.at(-1)).toBe('one again');
    expect(lanes.size).toBe(0);
  });
});

it('refuses at once what is too much', async () => {
  const lanes = open({ waitingMax: 2 });
  add(lanes, 'one');
  add(lanes, 'two');
  await expect(lanes.add({ name: 'three', account: 'a' })).rejects.toBeInstanceOf(LedgerUnavailableError);
  await clock.advance(5 * TRIP_MS);
  expect(calls).toEqual(['one two']);
  const four = add(lanes, 'four');
  await clock.advance(5 * TRIP_MS);
  expect(four.end).toBe('did four');
});
