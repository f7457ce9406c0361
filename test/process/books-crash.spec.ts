import { setTimeout as sleep } from 'node:timers/promises';
import { countTokens } from '../../src/tokens/count-tokens.js';
import { balanceOf, bookedRequest, openHolds, UNIT } from '../support/books.js';
import { fakeCommand } from '../support/fake-upstream.js';
import type { HubProcess } from '../support/hub-process.js';
import { brokenInvariants } from '../support/ledgers.js';
import { describeWithPostgres } from '../support/postgres.js';
import { quietNow } from '../support/quiet-clock.js';
import { until } from '../support/until.js';
import { type BooksHubs, startBooksHubs } from './books-hubs.js';
import { askChat } from './hub-calls.js';

/** Lease, the sweeper's round, and what a busy machine adds. */
const SWEPT_MS_MAX = 10_000 + 10_000 + 10_000;
const DRAIN_MS = 6_000;
/** What the hub itself allows beyond the drain window, and what a busy machine adds. */
const STOP_MS_MAX = 5_000 + 10_000;
/** The prompt, and the tokens that were on their way to the client. */
const PROMPT_MAX = 80n * UNIT;

let hubs: BooksHubs;

interface Read {
  readonly status: number;
  readonly text: string;
  readonly requestId: string;
  /** It was cut. */
  readonly isBroken: boolean;
}

/** Asks and reads to the end, whatever that is; `onText` sees what has come so far. */
async function ask(
  hub: HubProcess,
  apiKey: string,
  body: Readonly<Record<string, unknown>>,
  onText: (text: string) => void = () => undefined,
): Promise<Read> {
  let text = '';
  let answer: Response;
  try {
    answer = await askChat(hub, body, apiKey);
  } catch {
    return { status: 0, text, requestId: '', isBroken: true };
  }
  const rest = { status: answer.status, requestId: answer.headers.get('x-request-id') ?? '' };
  try {
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      onText(text);
    }
    return { ...rest, text, isBroken: false };
  } catch {
    return { ...rest, text, isBroken: true };
  }
}

function stream(command: Parameters<typeof fakeCommand>[0]): Readonly<Record<string, unknown>> {
  return { stream: true, messages: [{ role: 'user', content: fakeCommand(command) }] };
}

/** Nano-credits of the tokens that a client got, without the prompt. */
function costOfContent(text: string): bigint {
  const parts = [...text.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(([, part]) => JSON.parse(part!) as string);
  return 2n * BigInt(countTokens(parts.join(''), 'gpt-4')) * UNIT;
}

describeWithPostgres('a hub that goes', () => {
  beforeAll(async () => {
    hubs = await startBooksHubs({ HUB_DRAIN_TIMEOUT_MS: String(DRAIN_MS) });
  });
  afterAll(() => hubs?.stop());

  // T028, T029, T030
  it('by kill -9 leaves holds that another sweeps: 0 for what had not begun, what was metered for a stream', async () => {
    const doomed = await hubs.startHub();
    const [waiting, answered, streaming] = [
      await hubs.customer(10_000n),
      await hubs.customer(10_000n),
      await hubs.customer(10_000n),
    ];
    // Reserved, and the upstream says nothing; answered by the upstream half, so before its settlement; in the middle of a stream.
    const unanswered = ask(doomed, waiting.apiKey, {
      messages: [{ role: 'user', content: fakeCommand({ stall_headers: true }) }],
    });
    const halfway = ask(doomed, answered.apiKey, {
      messages: [{ role: 'user', content: fakeCommand({ tokens: 10, stall_after: 5 }) }],
    });
    let seen = '';
    const live = ask(doomed, streaming.apiKey, stream({ tokens: 5_000, token_ms: 20 }), (text) => {
      seen = text;
    });
    // A heartbeat comes every 5 s.
    const metered = await until(async () => {
      const [hold] = await hubs.sql.query<{ metered: string }>(
        `select metered from hold where account_id = $1 and state = 'open' and metered > 0`,
        [streaming.accountId],
      );
      return hold && BigInt(hold.metered);
    });
    await until(async () => (await openHolds(hubs.sql)) === 3);
    await sleep(300);
    await doomed.kill();
    const killedAt = quietNow();
    const [first, second, third] = await Promise.all([unanswered, halfway, live]);
    expect([first.isBroken, second.isBroken, third.isBroken]).toEqual([true, true, true]);
    expect(third.text).not.toContain('[DONE]');
    await until(async () => (await openHolds(hubs.sql)) === 0);
    expect(quietNow() - killedAt).toBeLessThan(SWEPT_MS_MAX);
    for (const { accountId } of [waiting, answered]) {
      expect(await balanceOf(hubs.sql, accountId)).toEqual({ available: 10_000n * UNIT, used: 0n, held: 0n });
    }
    const { used } = await balanceOf(hubs.sql, streaming.accountId);
    expect(used).toBeGreaterThanOrEqual(metered);
    expect(used).toBeGreaterThan(0n);
    const booked = await bookedRequest(hubs.sql, third.requestId);
    expect(booked).toMatchObject({ state: 'swept', events: [{ outcome: 'swept', estimated: true }] });
    expect(used).toBeLessThanOrEqual(costOfContent(seen) + PROMPT_MAX);
    expect(await brokenInvariants(hubs.sql)).toEqual([]);
  });

  // T035, T036
  it('by SIGTERM settles every stream: those that end in the drain window in full, the others for what they got', async () => {
    const leaving = await hubs.startHub();
    const [short, long] = [await hubs.customer(1_000_000n), await hubs.customer(1_000_000n)];
    const begun = new Set<number>();
    const open = (index: number, apiKey: string, command: Parameters<typeof fakeCommand>[0]) =>
      ask(leaving, apiKey, stream(command), (text) => {
        if (text.includes('"content":"')) begun.add(index);
      });
    // Of two seconds each, on a machine that does nothing else.
    const shorts = Array.from({ length: 20 }, (_, index) =>
      open(index, short.apiKey, { in: 10, out: 20, tokens: 40, token_ms: 50 }),
    );
    const longs = Array.from({ length: 5 }, (_, index) =>
      open(20 + index, long.apiKey, { tokens: 5_000, token_ms: 20 }),
    );
    await until(() => begun.size === 25);
    const ended = leaving.stop('SIGTERM');
    // Somebody else serves meanwhile.
    expect(await ask(hubs.second, short.apiKey, {})).toMatchObject({ status: 200 });
    const before = await balanceOf(hubs.sql, short.accountId);
    for (const { text } of await Promise.all(shorts)) expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    const cut = await Promise.all(longs);
    for (const { text } of cut) {
      expect(text).toContain('"code":"server_shutting_down"');
      expect(text).not.toContain('[DONE]');
    }
    const { code, ms } = await ended;
    expect(code).toBe(0);
    expect(ms).toBeLessThan(DRAIN_MS + STOP_MS_MAX);
    // Settled, not swept: nothing is left for anybody else.
    expect(await openHolds(hubs.sql)).toBe(0);
    expect(before.used).toBeLessThanOrEqual((await balanceOf(hubs.sql, short.accountId)).used);
    for (const { requestId } of await Promise.all(shorts)) {
      expect(await bookedRequest(hubs.sql, requestId)).toMatchObject({ state: 'settled', settled: 50n * UNIT });
    }
    for (const { requestId, text } of cut) {
      const booked = await bookedRequest(hubs.sql, requestId);
      expect(booked).toMatchObject({ state: 'settled', events: [{ outcome: 'shutdown', estimated: true }] });
      expect(booked!.settled).toBeGreaterThanOrEqual(costOfContent(text));
      expect(booked!.settled).toBeLessThan(costOfContent(text) + PROMPT_MAX);
    }
    expect(await brokenInvariants(hubs.sql)).toEqual([]);
  });
});
