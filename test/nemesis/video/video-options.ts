import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

/** What a run is told on its command line. */
export interface VideoNemesisOptions {
  readonly jobs: number;
  /** Submissions a second. */
  readonly rate: number;
  readonly hubs: number;
  readonly seed: number;
  /** Faults that may happen to hubs and the database. */
  readonly faults: readonly string[];
  /** How long after the last submission jobs may take, in seconds. */
  readonly endSeconds: number;
  /** Where the hubs' logs go. */
  readonly keep: string | undefined;
}

const SEED_MAX = 2 ** 32;
const FAULTS = 'hub-kill,hub-pause,rolling-restart,postgres-reset';

/** Reads the command line of `npm run test:nemesis:video`. @throws RangeError */
export function readVideoOptions(args: readonly string[]): VideoNemesisOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      jobs: { type: 'string', default: '1000' },
      rate: { type: 'string', default: '10' },
      hubs: { type: 'string', default: '3' },
      seed: { type: 'string', default: String(randomInt(1, SEED_MAX)) },
      faults: { type: 'string', default: FAULTS },
      end: { type: 'string', default: '900' },
      keep: { type: 'string' },
    },
  });
  return {
    jobs: wholeNumber('jobs', values.jobs),
    rate: wholeNumber('rate', values.rate),
    hubs: wholeNumber('hubs', values.hubs),
    seed: wholeNumber('seed', values.seed),
    faults: values.faults.split(',').filter(Boolean),
    endSeconds: wholeNumber('end', values.end),
    keep: values.keep,
  };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} must be a whole number above 0`);
  return value;
}
