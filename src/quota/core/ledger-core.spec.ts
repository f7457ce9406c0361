import { VirtualClock } from '../../../test/support/virtual-clock.js';
import { toReleaseEvents } from '../to-release-events.js';
import { LedgerCore } from './ledger-core.js';
import {
  type LedgerStore,
  LedgerStoreError,
  type LedgerStoreFault,
  type Reservation,
  type SettleCode,
  type Settlement,
} from './ledger-store.js';

const TRIP_MS = 5;

let clock: VirtualClock;
/** Calls of the store in their order. */
let calls: string[];
let settled: Settlement[];
/** Faults that the next calls of a method meet. */
let faults: Record<string, (LedgerStoreFault | undefined)[]>;
let codes: Map<string, SettleCode>;
let closedIds: string[];
let core: LedgerCore;

beforeEach(() => {
  clock = new VirtualClock();
  calls = [];
  settled = [];
  faults = {};
  codes = new Map();
  closedIds = [];
  core = openCore(100);
});

function openCore(waitingMax: number): LedgerCore {
  return new LedgerCore({
    store: scriptedStore(),
    clock,
    reservePatienceMs: 1_000,
    waitingMax,
    findLocked: async () => [],
    toReleaseEvents,
  });
}

/** Answers every call well, after a while, unless the test has planned a fault. */
function scriptedStore(): LedgerStore {
  const trip = async (method: string, what: string): Promise<void> => {
    calls.push(`${method} ${what}`);
    await clock.sleep(TRIP_MS);
    const fault = faults[method]?.shift();
    if (fault !== undefined) throw new LedgerStoreError(fault, undefined);
  };
  return {
    reserve: async (batch, isRetry) => {
      await trip('reserve', batch.map((item) => item.holdId).join(' ') + (isRetry ? ' again' : ''));
      return batch.map(({ amount }) => ({ status: 'held' as const, amount }));
    },
    extend: async ({ holdId, from, extra }) => {
      await trip('extend', holdId);
      return { status: 'extended', amount: from + extra };
    },
    settle: async (batch) => {
      await trip('settle', batch.map((item) => item.holdId).join(' '));
      settled.push(...batch);
      return batch.map((item) => codes.get(item.holdId) ?? 'closed');
    },
    settleSlow: async (settlement) => {
      await trip('settleSlow', settlement.holdId);
      settled.push(settlement);
      return { status: 'closed', charged: 3n, lost: settlement.cost - 3n };
    },
    heartbeat: async (holds) => {
      await trip('heartbeat', holds.map(({ holdId, metered }) => `${holdId}=${metered}`).join(' '));
      return closedIds;
    },
    sweep: async () => {
      await trip('sweep', '');
      return [];
    },
  };
}

function reservation(holdId: string): Reservation {
  const request = { model: 'm', userIdentifier: '', kind: 'sync' as const, priceVersionId: null };
  return { ...request, holdId, accountId: '1000', keyId: null, amount: 10n, minimum: 10n };
}

function settlement(holdId: string, cost: bigint, attempt = 1): Settlement {
  const common = { isFinal: true, keyId: null, model: 'm', endpoint: 'sync', userIdentifier: '' };
  return { holdId, accountId: '1000', cost, events: [{ ...common, attempt, outcome: 'done', cost }] };
}

/** Reserves, and lets the answer arrive. */
async function hold(holdId: string): Promise<void> {
  const reserved = core.reserve(reservation(holdId));
  await clock.advance(2 * TRIP_MS);
  await reserved;
}

async function beat(): Promise<void> {
  const done = core.beat();
  await clock.advance(TRIP_MS);
  await done;
}

describe('the heartbeat', () => {
  it('names the open holds with what is metered, which never goes down', async () => {
    await hold('x');
    await hold('y');
    core.meter('x', 4n);
    core.meter('x', 3n);
    await beat();
    expect(calls.at(-1)).toBe('heartbeat x=4 y=0');
  });

  it('forgets what is settled, what the store says is closed, and never learns of what it does not hold', async () => {
    for (const id of ['x', 'y', 'z']) await hold(id);
    core.meter('stranger', 1n);
    const closing = core.settle(settlement('x', 1n));
    await clock.advance(TRIP_MS);
    await closing;
    closedIds = ['y'];
    await beat();
    expect(calls.at(-1)).toBe('heartbeat y=0 z=0');
    await beat();
    expect(calls.at(-1)).toBe('heartbeat z=0');
    expect(core.openCount).toBe(1);
  });

  it('keeps a hold alive while its settlement waits for the database', async () => {
    await hold('x');
    faults = { settle: Array<LedgerStoreFault>(3).fill('unavailable') };
    const closing = core.settle(settlement('x', 1n));
    await clock.advance(TRIP_MS);
    await beat();
    expect(calls.at(-1)).toBe('heartbeat x=0');
    await clock.advance(5_000);
    await expect(closing).resolves.toEqual({ status: 'closed', charged: 1n, lost: 0n });
    expect(core.openCount).toBe(0);
  });

  it('goes out in parts when there are more than 1,000 holds', async () => {
    const many = openCore(5_000);
    const held = Array.from({ length: 2_500 }, (_, index) => many.reserve(reservation(`m${index}`)));
    await clock.advance(1_000);
    await Promise.all(held);
    calls = [];
    const done = many.beat();
    await clock.advance(100);
    await done;
    expect(calls.map((call) => call.split(' ').length - 1)).toEqual([1_000, 1_000, 500]);
  });
});

describe('a reservation', () => {
  it('that was made after its request had given up is given back, with the event of a failed request', async () => {
    faults = { reserve: Array<LedgerStoreFault>(8).fill('unavailable') };
    const reserved = core.reserve(reservation('x')).catch((error: Error) => error.name);
    await clock.advance(10_000);
    expect(await reserved).toBe('LedgerUnavailableError');
    expect(settled).toHaveLength(1);
    expect(settled[0]).toMatchObject({ holdId: 'x', cost: 0n, events: [{ attempt: 0, outcome: 'failed', cost: 0n }] });
    expect(core.openCount).toBe(0);
  });

  it('beyond the bound is refused at once', async () => {
    const first = Array.from({ length: 100 }, (_, index) => core.reserve(reservation(`${index}`)));
    await expect(core.reserve(reservation('more'))).rejects.toMatchObject({ name: 'LedgerUnavailableError' });
    await clock.advance(100);
    await Promise.all(first);
  });
});

describe('a settlement', () => {
  it('is repeated until the store has answered', async () => {
    await hold('x');
    faults = { settle: ['unavailable', 'locked', 'conflict', 'unavailable'] };
    const closing = core.settle(settlement('x', 2n));
    expect(core.settlingCount).toBe(1);
    await clock.advance(10_000);
    await expect(closing).resolves.toEqual({ status: 'closed', charged: 2n, lost: 0n });
    expect(core.settlingCount).toBe(0);
  });

  it('above the hold goes the slow way, as often as it takes, and counts as under way until then', async () => {
    await hold('x');
    codes.set('x', 'slow');
    faults = { settleSlow: ['unavailable', 'conflict', 'locked'] };
    const closing = core.settle(settlement('x', 20n));
    await clock.advance(2 * TRIP_MS);
    expect(core.settlingCount).toBe(1);
    await clock.advance(10_000);
    await expect(closing).resolves.toEqual({ status: 'closed', charged: 3n, lost: 17n });
    expect(core.settlingCount).toBe(0);
  });

  // The sweeper's own event has the number 0, and there is only one of each number.
  it('of a swept hold whose request never reached an upstream has an event of its own number', async () => {
    await hold('x');
    codes.set('x', 'slow');
    const closing = core.settle(settlement('x', 0n, 0));
    await clock.advance(100);
    await closing;
    expect(settled.at(-1)?.events.map(({ attempt }) => attempt)).toEqual([1]);
  });

  it('of a hold that another one is closing waits for it, so that no batch has the same hold twice', async () => {
    await hold('x');
    const both = [core.settle(settlement('x', 1n)), core.settle(settlement('x', 2n, 2))];
    const other = core.settle(settlement('y', 3n));
    await clock.advance(100);
    await Promise.all([...both, other]);
    expect(calls.filter((call) => call.startsWith('settle'))).toEqual(['settle x y', 'settle x']);
    expect(core.settlingCount).toBe(0);
  });

  it('that the store refuses says so, and frees the way for another', async () => {
    await hold('x');
    faults = { settle: ['broken'] };
    const first = core.settle(settlement('x', 1n)).catch((error: LedgerStoreError) => error.fault);
    const second = core.settle(settlement('x', 1n));
    await clock.advance(100);
    expect(await first).toBe('broken');
    await expect(second).resolves.toMatchObject({ status: 'closed' });
  });
});

describe('an extension', () => {
  const extension = { holdId: 'x', accountId: '1000', from: 10n, extra: 5n };

  it('is repeated a few times, and then the request is told', async () => {
    faults = { extend: ['unavailable', 'locked', undefined] };
    const extended = core.extend(extension);
    await clock.advance(5_000);
    await expect(extended).resolves.toEqual({ status: 'extended', amount: 15n });
    faults = { extend: Array<LedgerStoreFault>(10).fill('unavailable') };
    calls = [];
    const failed = core.extend(extension).catch((error: LedgerStoreError) => error.fault);
    await clock.advance(10_000);
    expect(await failed).toBe('unavailable');
    expect(calls).toHaveLength(5);
  });

  it('that the store refuses is not repeated', async () => {
    faults = { extend: ['broken'] };
    const failed = core.extend(extension).catch((error: LedgerStoreError) => error.fault);
    await clock.advance(1_000);
    expect(await failed).toBe('broken');
    expect(calls).toHaveLength(1);
  });
});
