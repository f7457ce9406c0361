import type { CommittedCall } from './replay-call.js';
import { World } from './world.js';

/** What has been reached in some worlds: answers of committed calls, kinds of entries, ends of holds. */
export async function coverageOf(first: number, seeds: number): Promise<ReadonlySet<string>> {
  const reached = new Set<string>();
  for (let seed = first; seed < first + seeds; seed++) {
    const world = new World(seed, { record: (call) => addAnswers(reached, call) });
    await world.run();
    const { tables } = world.context.database;
    for (const { kind } of tables.entry.rows()) reached.add(`entry ${kind}`);
    for (const { state } of tables.hold.rows()) reached.add(`hold ${state}`);
    for (const { state } of tables.claim.rows()) reached.add(`claim ${state}`);
  }
  return reached;
}

function addAnswers(reached: Set<string>, { call, result }: CommittedCall): void {
  const answers: readonly unknown[] = Array.isArray(result) ? result : [result];
  for (const answer of answers) {
    if (typeof answer === 'string' && call.kind !== 'heartbeat') reached.add(`${call.kind} ${answer}`);
    else if (typeof answer === 'object' && answer !== null && 'status' in answer) {
      reached.add(`${call.kind} ${'reason' in answer ? String(answer.reason) : String(answer.status)}`);
    }
  }
}
