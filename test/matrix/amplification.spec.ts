import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { FAULTS, type Fault } from './faults.js';
import { type Cell, MODEL, Rig } from './rig.js';

// G9: while all upstreams fail, retries add at most a fifth to what they are sent.

const REQUESTS = 1_000;
const CLIENTS = 20;
const AMPLIFICATION_MAX = 1.2;

let rig: Rig;
// One each, since retries are counted over ten seconds.
beforeEach(async () => {
  rig = await Rig.start();
});
afterEach(async () => {
  await rig.requireSoundBooks();
  await rig.close();
});

const WAYS: readonly (readonly [string, Directive, boolean])[] = [
  ['503 to all', { status: 503 }, false],
  ['streams that end before content', { role_only_then_error: true }, true],
];

describe('a thousand requests while all upstreams fail', () => {
  it.each(WAYS)(
    'make at most 1,200 attempts: %s',
    async (_, directive, isStream) => {
      const [any] = FAULTS;
      const fault: Fault = { ...any!, wire: undefined, rule: () => () => directive };
      const cell: Cell = {
        fault,
        form: 'whole',
        dialects: ['openai', 'openai'],
        company: 'two channels',
        isEverywhere: true,
      };
      await rig.arrange(cell);
      let left = REQUESTS;
      let answers = 0;
      const client = async (): Promise<void> => {
        while (left-- > 0) {
          const messages = [{ role: 'user', content: 'Hello' }];
          const answer = await rig.hub.post('/api/relay/v1/chat/completions', {
            model: MODEL,
            messages,
            stream: isStream,
          });
          const text = await answer.text();
          expect(text).toContain('upstream_');
          expect(text).not.toContain('[DONE]');
          answers++;
        }
      };
      await Promise.all(Array.from({ length: CLIENTS }, client));
      expect(answers).toBe(REQUESTS);
      const { first, second } = rig.seenBy(cell);
      const attempts = first.length + second.length;
      // Somebody was asked for nearly all of them: a hub that gives up without asking amplifies nothing either.
      expect(attempts).toBeGreaterThan(REQUESTS * 0.5);
      expect(attempts).toBeLessThanOrEqual(REQUESTS * AMPLIFICATION_MAX);
    },
    120_000,
  );
});
