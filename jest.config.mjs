import { availableParallelism } from 'node:os';

// The scripts run jest with `--liftoff-only`: a suite's embedded database lives for seconds, and compiling it twice, the second time
// with optimisations, costs more than it ever gives back (a fifth of the processor time of small suites, nothing in large ones).
// The scripts also keep what V8 made of a module from one suite to the next of a worker: see scripts/keep-compiled.mjs.
export default {
  testEnvironment: 'node',
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  resolver: '<rootDir>/scripts/resolve-sources.mjs',
  transform: { '^.+\\.ts$': ['@swc/jest', {}] },
  // A bound on hanging, not a promise: a new embedded database takes 5 s, and twenty times that while others use the machine.
  testTimeout: 120_000,
  testSequencer: '<rootDir>/scripts/test-order.mjs',
  // Half of the cores, but three at least: many suites wait for servers and processes of their own, and with two workers a machine of two
  // cores was idle for an eighth of the time.
  maxWorkers: Math.max(3, Math.floor(availableParallelism() / 2)),
  // jest keeps some 40 MB of every suite that starts a hub; a worker that has had enough of them makes room for a new one.
  workerIdleMemoryLimit: '1000MB',
};
