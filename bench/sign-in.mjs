// @ts-check
// npm run bench:sign-in: how late the event loop is while twenty people sign in at once (T127 of the catalogue: p99 <= 50 ms).
// Argon2id runs in the thread pool, two at a time; what is measured is whether the relay beside it would notice.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { hashPassword } from '../dist/src/users/password.js';
import { PasswordWork } from '../dist/src/users/password-work.js';
import { describeMachine } from './machine.mjs';

const ROUNDS = 10;
const PEOPLE = 20;
const BUDGET_MS = 50;

/** @param {() => Promise<unknown>} work @returns {Promise<{ ms: number, lateMs: number }>} */
async function watch(work) {
  const monitor = monitorEventLoopDelay({ resolution: 5 });
  const begun = performance.now();
  monitor.enable();
  await work();
  monitor.disable();
  return { ms: performance.now() - begun, lateMs: monitor.percentile(99) / 1e6 };
}

/** @param {readonly number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const password = 'a password of some length';
const hash = await hashPassword(password);
const passwords = new PasswordWork();
const busy = [];
const idle = [];
for (let round = 0; round < ROUNDS; round++) {
  const found = await watch(() => Promise.all(Array.from({ length: PEOPLE }, () => passwords.verify(password, hash))));
  busy.push(found);
  idle.push(await watch(() => delay(found.ms)));
}
const late = median(busy.map(({ lateMs }) => lateMs));
const lines = [
  ...describeMachine(),
  '',
  `${PEOPLE} sign-ins at once, ${ROUNDS} rounds, medians`,
  `all of them done after: ${median(busy.map(({ ms }) => ms)).toFixed(0)} ms`,
  `event loop late, p99:   ${late.toFixed(1)} ms (budget ${BUDGET_MS} ms: ${late <= BUDGET_MS ? 'met' : 'MISSED'})`,
  `the same while idle:    ${median(idle.map(({ lateMs }) => lateMs)).toFixed(1)} ms`,
];
process.stdout.write(`${lines.join('\n')}\n`);
