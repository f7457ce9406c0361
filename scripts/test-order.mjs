import { relative } from 'node:path';
import Sequencer from '@jest/test-sequencer';

// What takes longest begins first: a long one that begins last runs alone while the other worker has nothing to do.
const SLOW = [
  'test/process/stop.spec.ts',
  'test/process/start.spec.ts',
  'test/schemathesis/',
  'test/fuzz/',
  'test/integration/care-',
  'test/process/',
  'test/simulation/',
  'test/matrix/',
  'test/e2e/client-slow-reader.spec.ts',
  'test/integration/',
  'test/sdk/',
  'test/browser/',
  'test/e2e/',
];

/** The order of test files: as they took in the last run where jest remembers one, as it never does in CI; else by {@link SLOW}. */
export default class TestOrder extends Sequencer {
  sort(tests) {
    const ordered = super.sort(tests);
    if (ordered.some(({ duration }) => duration !== undefined)) return ordered;
    return ordered.toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ path, context }) {
  const name = relative(context.config.rootDir, path);
  const found = SLOW.findIndex((start) => name.startsWith(start));
  return found === -1 ? SLOW.length : found;
}
