import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { quietNow } from '../support/quiet-clock.js';
import { until } from '../support/until.js';
import { FAULTS, type Fault, GOOD, TEXT } from './faults.js';
import { type Cell, Rig } from './rig.js';

// After an outage traffic is back on the primary channel within ten seconds of its healing, on the real clock.

const OUTAGE_MS = 3_500;
const RECOVERY_MS_MAX = 10_000;
const PAUSE_MS = 50;
/** Enough for an ejection and what comes after it, on a busy machine as well. */
const ASKED_MIN = 20;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(async () => {
  await rig.requireSoundBooks();
  await rig.close();
});

describe('a primary channel that was down', () => {
  it('has its traffic back within ten seconds of its healing, and no caller noticed', async () => {
    const down = FAULTS.find(({ name }) => name === '503 for long')!;
    let isDown = true;
    const fault: Fault = { ...down, rule: () => () => (isDown ? { status: 503 } : GOOD) };
    const cell: Cell = { fault, form: 'stream', dialects: ['openai', 'openai'], company: 'two channels' };
    await rig.arrange(cell);
    const ask = async (): Promise<void> => {
      expect(await rig.ask(cell)).toMatchObject({ status: 200, text: TEXT, isComplete: true });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    };
    const startedAt = performance.now();
    let asked = 0;
    while (performance.now() - startedAt < OUTAGE_MS || asked < ASKED_MIN) {
      await ask();
      asked++;
    }
    // It was ejected, and looked at now and then: not by every request.
    const seen = rig.seenBy(cell).first.length;
    expect(seen).toBeGreaterThanOrEqual(5);
    expect(seen).toBeLessThan(asked);
    isDown = false;
    const healedAt = quietNow();
    await until(async () => {
      await ask();
      return rig.seenBy(cell).first.length > seen + 3;
    });
    expect(quietNow() - healedAt).toBeLessThan(RECOVERY_MS_MAX);
    // And there it stays.
    const { second } = rig.seenBy(cell);
    for (let i = 0; i < 5; i++) await ask();
    expect(rig.seenBy(cell).second).toHaveLength(second.length);
  });
});
