import { describe, expect, it } from '@jest/globals';
import { Capture, type CapturedSides } from '../capture/capture.js';
import { Cancellation } from '../common/cancellation.js';
import { HubError } from '../common/hub-error.js';
import { RequestLog } from '../common/request-log.js';
import type { StreamAnswer } from '../http/write-stream.js';
import { captureAnswer } from './capture-answer.js';
import type { RelayAnswer } from './relay-answer.js';

const internal = new HubError({ status: 500, code: 'internal_error', message: 'broken' });
const FACTS = { requestId: 'req_1', accountId: '1', keyId: '2', endpoint: 'POST /api/relay/v1/audio/speech' };

/** What is kept of an answer that the client takes to its end. */
async function keptOf(answer: RelayAnswer): Promise<CapturedSides> {
  let kept: CapturedSides | undefined;
  const capture = new Capture(FACTS, (sides) => {
    kept = sides;
  });
  const captured = captureAnswer(capture, new RequestLog(), answer);
  if (captured.kind === 'stream') while ((await captured.events.next()).done !== true);
  if (kept === undefined) throw new Error('Nothing was kept.');
  return kept;
}

function streamOf(events: readonly string[], toCaptured?: StreamAnswer['toCaptured']): StreamAnswer {
  async function* each(): AsyncGenerator<string, void> {
    yield* events;
  }
  const common = { kind: 'stream', headers: {}, signal: new Cancellation(), toErrorEvent: () => '' } as const;
  return { ...common, events: each(), ...(toCaptured !== undefined && { toCaptured }) };
}

describe('what a capture keeps of an answer', () => {
  it('is its text, event by event', async () => {
    expect((await keptOf(streamOf(['data: one\n\n', 'data: two\n\n']))).response).toBe('data: one\n\ndata: two\n\n');
  });

  it('is of a failure the event that the caller gets, which is made once', async () => {
    async function* failing(): AsyncGenerator<string, void> {
      yield 'data: one\n\n';
      throw new Error('broken');
    }
    let sequence = 1;
    const answer = { ...streamOf([]), events: failing(), toErrorEvent: () => `data: ${sequence++}\n\n` };
    let kept: CapturedSides | undefined;
    const capture = new Capture(FACTS, (sides) => {
      kept = sides;
    });
    const captured = captureAnswer(capture, new RequestLog(), answer);
    if (captured.kind !== 'stream') throw new Error('It is no stream.');
    await captured.events.next();
    await expect(captured.events.next()).rejects.toThrow('broken');
    expect(captured.toErrorEvent(internal)).toBe('data: 1\n\n');
    expect(kept?.response).toBe('data: one\n\ndata: 1\n\n');
  });

  it('is of sound what it was, and none of its bytes', async () => {
    const chunks = { next: async () => ({ done: true, value: undefined }) as const };
    const answer = {
      kind: 'sound',
      headers: {},
      contentType: 'audio/mpeg',
      chunks,
      signal: new Cancellation(),
    } as const;
    expect(await keptOf(answer)).toMatchObject({ status: 200, response: '(audio/mpeg)' });
  });

  it('is of events with sound what the relay leaves of them', async () => {
    const shown = await keptOf(streamOf(['data: {"audio":"AAAA"}\n\n'], () => 'data: {}\n\n'));
    expect(shown.response).toBe('data: {}\n\n');
  });
});
