import { toTable } from '../../src/common/to-table.js';
import type { Finding } from './checker.js';
import type { Nemesis } from './faults.js';
import type { SupervisedHub } from './supervised-hub.js';

const SAMPLES_SHOWN = 5;

/** Hubs end only when they are asked to, and their logs name no secret. */
export function livesOf(hubs: readonly SupervisedHub[], canaries: readonly string[]): Finding[] {
  const lives = hubs.flatMap(({ lives }) => lives);
  const crashes = lives.filter(({ wasReady, wasAsked }) => wasReady && !wasAsked);
  const leaks = lives.flatMap(({ hub, output }) => {
    const text = output();
    return canaries
      .filter((canary) => text.includes(canary))
      .map((canary) => `hub ${hub} logged ${canary.slice(0, 12)}…`);
  });
  const unhandled = lives.filter(({ output }) => output().includes('An error nobody handled'));
  return [
    {
      title: 'no hub ended by itself',
      checked: lives.length,
      violations: [
        ...crashes.map(
          ({ hub, code, signal, output }) => `hub ${hub} ended (${code ?? signal}): ${output().slice(-2_000)}`,
        ),
        ...unhandled.map(({ hub, output }) => {
          const text = output();
          return `hub ${hub}: ${text.slice(text.indexOf('An error nobody handled') - 200).slice(0, 2_000)}`;
        }),
      ],
    },
    { title: 'no log names a secret', checked: lives.length, violations: leaks },
  ];
}

/** A fault that did not heal. */
export function faultsOf(faults: Nemesis): Finding[] {
  const failed = faults.records.filter(({ error }) => error !== undefined);
  const violations = failed.map(({ name, error }) => `${name}: ${error}`);
  return [{ title: 'everything came back after its fault', checked: faults.records.length, violations }];
}

/** Prints what was looked at, and the first of what was found. */
export function showFindings(findings: readonly Finding[]): void {
  const rows = findings.map(({ title, checked, violations }) => [
    violations.length === 0 ? 'ok' : 'BAD',
    String(checked),
    String(violations.length),
    title,
  ]);
  console.log(toTable([['', 'CHECKED', 'BAD', 'WHAT HOLDS'], ...rows]));
  for (const { title, violations } of findings) {
    for (const violation of violations.slice(0, SAMPLES_SHOWN)) console.log(`BAD ${title}: ${violation}`);
  }
}

/** @throws the reason of `signal` when it comes first. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** Prints a line with the time. */
export function say(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
}
