import type { Random } from './random.js';
import type { Rig } from './rig.js';

/** A fault that was made to happen. */
export interface FaultRecord {
  readonly name: string;
  readonly atMs: number;
  readonly ms: number;
  readonly error?: string;
}

/** What faults are made of. */
export type FaultTargets = Pick<Rig, 'hubs' | 'postgres' | 'postgresLink'> & Partial<Pick<Rig, 'redis' | 'redisLink'>>;

/** What a fault needs for itself: two faults of one thing do not happen at once. */
type Part = 'postgres' | 'redis' | 'hub';

interface Fault {
  readonly part: Part;
  readonly weight: number;
  run(rig: FaultTargets, random: Random, hub: number): Promise<void>;
}

/** Each heals what it breaks before it ends. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'hub-kill': {
    part: 'hub',
    weight: 4,
    run: async ({ hubs }, _random, hub) => {
      hubs[hub]?.kill();
      await pause(300);
      await hubs[hub]?.ready();
    },
  },
  'hub-pause': {
    part: 'hub',
    weight: 3,
    // Past a heartbeat always, past a whole lease of 10 s now and then.
    run: async ({ hubs }, random, hub) => {
      hubs[hub]?.pause();
      await pause(random.chance(0.35) ? random.integer(11_000, 15_000) : random.integer(5_500, 8_000));
      hubs[hub]?.resume();
    },
  },
  'rolling-restart': {
    part: 'hub',
    weight: 1.5,
    run: async ({ hubs }, _random, hub) => {
      await hubs[hub]?.restart();
    },
  },
  'postgres-crash': {
    part: 'postgres',
    weight: 2,
    run: async ({ postgres }, random) => {
      await postgres.crash();
      await pause(random.integer(100, 3_000));
      await postgres.restart();
    },
  },
  'postgres-blackhole': {
    part: 'postgres',
    weight: 2,
    run: async ({ postgresLink }, random) => {
      postgresLink.blackhole();
      await pause(random.integer(1_000, 9_000));
      postgresLink.pass();
    },
  },
  'postgres-reset': {
    part: 'postgres',
    weight: 2,
    run: async ({ postgresLink }, random) => {
      // The answer to a commit is lost, or half a statement arrives.
      postgresLink.cut({ direction: random.pick(['up', 'down']), afterBytes: random.integer(0, 4_000) });
      await pause(500);
      postgresLink.resetAll();
    },
  },
  'postgres-slow': {
    part: 'postgres',
    weight: 1,
    run: async ({ postgresLink }, random) => {
      postgresLink.delay(random.integer(20, 250));
      await pause(random.integer(1_000, 5_000));
      postgresLink.pass();
    },
  },
  'postgres-pause': {
    part: 'postgres',
    weight: 1,
    run: async ({ postgres }, random) => {
      postgres.pause();
      await pause(random.integer(500, 6_000));
      postgres.resume();
    },
  },
  'redis-flush': {
    part: 'redis',
    weight: 2,
    run: async ({ redis }) => {
      await redis?.flush();
    },
  },
  'redis-kill': {
    part: 'redis',
    weight: 1.5,
    run: async ({ redis }, random) => {
      await redis?.stop();
      await pause(random.integer(200, 4_000));
      await redis?.restart();
    },
  },
  'redis-blackhole': {
    part: 'redis',
    weight: 1,
    run: async ({ redisLink }, random) => {
      redisLink?.blackhole();
      await pause(random.integer(500, 5_000));
      redisLink?.pass();
    },
  },
};

/** Makes things fail by a seeded schedule; each in its own time, so that faults of different parts overlap. */
export class Nemesis {
  readonly records: FaultRecord[] = [];
  private readonly busy = new Set<string>();
  private readonly under = new Set<Promise<void>>();
  private isStopping = false;
  private wake: () => void = () => undefined;
  private readonly weights: Readonly<Record<string, number>>;

  constructor(
    private readonly rig: FaultTargets,
    private readonly random: Random,
    private readonly pauseMs: { readonly min: number; readonly max: number },
    only: readonly string[] | undefined,
  ) {
    const names = only ?? Object.keys(FAULTS);
    const unknown = names.find((name) => FAULTS[name] === undefined);
    if (unknown !== undefined) throw new RangeError(`There is no fault ${unknown}: ${Object.keys(FAULTS).join(', ')}`);
    this.weights = Object.fromEntries(names.map((name) => [name, FAULTS[name]?.weight ?? 0]));
  }

  /** Begins a fault every few seconds until it is told to stop. */
  async run(): Promise<void> {
    const { min, max } = this.pauseMs;
    while (!this.isStopping && Object.keys(this.weights).length > 0) {
      await Promise.race([
        pause(this.random.integer(min, max)),
        new Promise<void>((resolve) => {
          this.wake = resolve;
        }),
      ]);
      if (!this.isStopping) this.strike();
    }
  }

  /** Begins nothing any more and waits until everything is healed. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.wake();
    await Promise.all(this.under);
  }

  private strike(): void {
    const name = this.random.weighted(this.weights);
    // Drawn for every fault, so that one that is left out does not change the rest of the schedule.
    const hub = this.random.integer(0, this.rig.hubs.length - 1);
    const fault = FAULTS[name];
    if (fault === undefined) return;
    const part = fault.part === 'hub' ? `hub ${hub}` : fault.part;
    if (this.busy.has(part)) return;
    this.busy.add(part);
    const atMs = Date.now();
    const done = fault
      .run(this.rig, this.random, hub)
      .then(() => undefined)
      .catch((error: unknown) => String(error))
      .then((error) => {
        this.records.push({ name, atMs, ms: Date.now() - atMs, error });
        this.busy.delete(part);
        this.under.delete(done);
      });
    this.under.add(done);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
