import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

/** What a run is told on its command line. */
export interface NemesisOptions {
  /** How long faults and traffic go on. */
  readonly seconds: number;
  /** Requests a second that are begun, as far as the machine keeps up. */
  readonly rate: number;
  readonly hubs: number;
  readonly seed: number;
  /** HUB_HOLD_LEASE_MS. */
  readonly leaseMs: number;
  /** Where the history and the hubs' logs go. */
  readonly keep: string | undefined;
  /** Faults that may happen; undefined: all. */
  readonly faults: readonly string[] | undefined;
  /** The longest and shortest time between two faults. */
  readonly pauseMs: { readonly min: number; readonly max: number };
  /** Fails when resident memory grows faster, in MiB in ten minutes; undefined: nothing is sampled. */
  readonly rssSlopeMax: number | undefined;
}

const SEED_MAX = 2 ** 32;

/** Reads the command line of `npm run test:nemesis`, or with `soak` of `npm run test:soak`. @throws RangeError */
export function readOptions(args: readonly string[], kind: 'nemesis' | 'soak'): NemesisOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string' },
      minutes: { type: 'string' },
      rate: { type: 'string' },
      hubs: { type: 'string', default: kind === 'soak' ? '2' : '3' },
      seed: { type: 'string' },
      lease: { type: 'string', default: '10000' },
      faults: { type: 'string' },
      keep: { type: 'string' },
    },
  });
  const minutes = values.minutes ?? (kind === 'soak' ? '30' : '10');
  return {
    seconds: number('seconds', values.seconds ?? String(number('minutes', minutes) * 60)),
    rate: number('rate', values.rate ?? (kind === 'soak' ? '60' : '150')),
    hubs: number('hubs', values.hubs),
    seed: number('seed', values.seed ?? String(randomInt(1, SEED_MAX))),
    leaseMs: number('lease', values.lease),
    keep: values.keep,
    faults: values.faults === undefined ? SOAK_FAULTS[kind] : values.faults.split(',').filter(Boolean),
    pauseMs: kind === 'soak' ? { min: 15_000, max: 30_000 } : { min: 1_000, max: 5_000 },
    rssSlopeMax: kind === 'soak' ? 1 : undefined,
  };
}

/** A soak watches the memory of processes, so it lets them live. */
const SOAK_FAULTS: Readonly<Record<'nemesis' | 'soak', readonly string[] | undefined>> = {
  nemesis: undefined,
  soak: ['postgres-crash', 'postgres-blackhole', 'postgres-slow', 'redis-flush', 'redis-kill', 'hub-pause'],
};

function number(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} must be a whole number above 0`);
  return value;
}
