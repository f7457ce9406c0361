import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseCredits } from '../../src/pricing/parse-credits.js';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { UsageRoller } from '../../src/usage/usage-roller.js';
import { Random } from '../simulation/random.js';
import { balanceOf, grant, openHolds, UNIT } from '../support/books.js';
import { type FakeUpstream, fakeCommand, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { inTurns } from '../support/in-turns.js';
import { makeAccount } from '../support/ledger-calls.js';
import { findUnsound } from '../support/sound-books.js';
import { until } from '../support/until.js';
import { rollUpDrift } from '../support/usage-events.js';

// Given to jest with --globals: how many requests, and the seed of a run that is to be repeated.
const { totalsRequests = 400, totalsSeed = Date.now() % 2 ** 31 } = globalThis as {
  totalsRequests?: number;
  totalsSeed?: number;
};
const AT_A_TIME = 25;
const CHAT = '/api/relay/v1/chat/completions';
const EMBEDDINGS = '/api/relay/v1/embeddings';
const IMAGES = '/api/relay/v1/images/generations';
/** In a prompt it makes the first channel fail. */
const FLAKY = 'not on the first';

let upstream: FakeUpstream;
let hub: TestHub;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  upstream.scriptKey('first-credential', ({ body }) => (body.includes(FLAKY) ? { status: 500 } : undefined));
  const names = ['gpt-4', 'small', 'text-embedding-3-small', 'dall-e-2'];
  const models = new Map(names.map((name) => [name, name]));
  const channel = (name: string, priority: number) => {
    return { name, baseUrl: upstream.url, apiKey: `${name}-credential`, models, priority };
  };
  hub = await startHub({
    channels: [channel('first', 2), channel('second', 1)],
    models: [
      { id: 'small', price: { inputPerMillion: '0.0375', outputPerMillion: '0.15' } },
      { id: 'dall-e-2', price: { perImage: '0.004' } },
    ],
  });
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

interface Payer {
  readonly account: string;
  readonly keyId: string;
  readonly key: string;
}

/** One request as its client sees it. */
interface Seen {
  readonly payer: Payer;
  readonly id: string;
  /** Nano-credits, what the account could not pay included; undefined where only the hub's own count can say. */
  readonly cost: bigint | undefined;
}

/** Makes requests of all kinds, most of which end in some other way than they should. */
class Traffic {
  constructor(private readonly random: Random) {}

  async one(payer: Payer): Promise<Seen> {
    const kind = this.random.pick(KINDS);
    const input = this.random.between(1, 200);
    const output = this.random.between(1, 100);
    const model = this.random.pick(['gpt-4', 'small']);
    const nano = model === 'gpt-4' ? BigInt(input + 2 * output) * UNIT : ceilHalves(75 * input + 300 * output);
    const counted = { in: input, out: output, tokens: 4 };
    switch (kind) {
      case 'whole':
        return await this.chat(payer, model, counted, nano);
      case 'stream':
        return await this.chat(payer, model, counted, nano, { stream: true });
      case 'second channel':
        return await this.chat(payer, model, counted, nano, { user: FLAKY });
      case 'failed':
        return await this.chat(payer, model, { status: 502 }, 0n);
      case 'unknown model':
        return await this.chat(payer, 'nobody-has-it', counted, 0n);
      case 'uncounted':
        return await this.chat(payer, model, { usage: 'none', tokens: 9 }, undefined);
      case 'cut':
        return await this.chat(payer, model, { cut_after: 3, tokens: 9 }, undefined, { stream: true });
      case 'left':
        return await this.leave(payer, model);
      case 'above the cap':
        return await this.aboveTheCap(payer, model, input);
      case 'embeddings': {
        const body = { model: 'text-embedding-3-small', input: fakeCommand({ in: input }) };
        return await this.send(payer, EMBEDDINGS, body, BigInt(input) * UNIT);
      }
      case 'pictures': {
        const made = this.random.between(1, 3);
        const body = { model: 'dall-e-2', n: 3, prompt: fakeCommand({ images: made }) };
        return await this.send(payer, IMAGES, body, BigInt(made) * 4n * UNIT);
      }
    }
  }

  /** An upstream that makes far more of a request than was set aside for it. */
  async aboveTheCap(payer: Payer, model: string, input = 10): Promise<Seen> {
    return await this.chat(payer, model, { in: input, out: 5_000, tokens: 4 }, undefined);
  }

  private async chat(
    payer: Payer,
    model: string,
    directive: Directive,
    cost: bigint | undefined,
    more: object = {},
  ): Promise<Seen> {
    const messages = [{ role: 'user', content: fakeCommand(directive) }];
    const user = `customer-${this.random.below(3)}`;
    return await this.send(payer, CHAT, { model, messages, max_tokens: 120, user, ...more }, cost);
  }

  /** An answer that is no success costs nothing, whatever it would have cost. */
  private async send(payer: Payer, path: string, body: object, cost: bigint | undefined): Promise<Seen> {
    const response = await hub.post(path, body, { key: payer.key });
    const text = await response.text().catch(() => '');
    const id = response.headers.get('x-request-id') ?? '';
    // Also a stream can still fail when its quota is used up on the way.
    const isWhole = !('stream' in body) || text.endsWith('data: [DONE]\n\n');
    return { payer, id, cost: response.status !== 200 ? 0n : isWhole ? cost : undefined };
  }

  private async leave(payer: Payer, model: string): Promise<Seen> {
    const gone = new AbortController();
    const messages = [{ role: 'user', content: fakeCommand({ tokens: 50, token_ms: 20 }) }];
    const body = { model, messages, max_tokens: 120, stream: true };
    const response = await hub.post(CHAT, body, { key: payer.key, signal: gone.signal });
    const reader = response.body!.getReader();
    await reader.read();
    gone.abort();
    await reader.read().catch(() => undefined);
    return { payer, id: response.headers.get('x-request-id') ?? '', cost: undefined };
  }
}

const KINDS = [
  'whole',
  'stream',
  'second channel',
  'failed',
  'unknown model',
  'uncounted',
  'cut',
  'left',
  'above the cap',
  'embeddings',
  'pictures',
] as const;

function ceilHalves(halves: number): bigint {
  return BigInt(Math.ceil(halves / 2));
}

async function payerOf(account: string): Promise<Payer> {
  const { id, key } = await hub.createKey({ accountId: account });
  return { account, keyId: id, key };
}

/** Sums by a text that names what they are of. */
type Sums = Readonly<Record<string, bigint>>;

async function sumsOf(text: string): Promise<Sums> {
  const rows = await hub.sql.query<{ name: string; sum: string }>(text);
  return Object.fromEntries(rows.map(({ name, sum }) => [name, BigInt(sum)]).filter(([, sum]) => sum !== 0n));
}

/** What the report of the public API says each model, key or user of an account cost. */
async function reportOf(payer: Payer, groupBy: 'model' | 'key' | 'user_identifier'): Promise<Sums> {
  const answer = await hub.fetch(`/api/user/usage?group_by=${groupBy}`, { key: payer.key });
  const { data } = (await answer.json()) as { data: { items: Record<string, string>[]; totals: { cost: string } } };
  const property = { model: 'model', key: 'keyId', user_identifier: 'userIdentifier' }[groupBy];
  const sums = data.items.map((item) => [item[property]!, parseCredits(item['cost']!)] as const);
  return { ...Object.fromEntries(sums.filter(([, sum]) => sum !== 0n)), total: parseCredits(data.totals.cost) };
}

describe('a mixture of requests, many of which fail', () => {
  // T025
  it('gives the same totals in hours, events, ledger and public reports: by key, model and channel', async () => {
    const random = new Random(totalsSeed);
    const [rich, richer, poor] = await Promise.all(
      ['rich', 'richer', 'poor'].map((name) => makeAccount(hub.sql, name)),
    );
    await grant(hub.sql, rich!, 10_000_000n * UNIT);
    await grant(hub.sql, richer!, 10_000_000n * UNIT);
    // Enough for some; then its requests are refused, and those above their cap end in losses.
    await grant(hub.sql, poor!, 3_000n * UNIT);
    const payers = await Promise.all([rich!, rich!, richer!, poor!].map(payerOf));
    const traffic = new Traffic(random);
    const seen = await inTurns(totalsRequests, AT_A_TIME, () => traffic.one(random.pick(payers)));
    await until(async () => (await openHolds(hub.sql)) === 0);
    // The dice may have spared the poor account its loss.
    await grant(hub.sql, poor!, 1_000n * UNIT);
    seen.push(await traffic.aboveTheCap(payers[3]!, 'gpt-4'));

    // What each client can tell by itself.
    const costs = await sumsOf(`select hold_id::text as name, sum(cost + loss) as sum from usage_event group by 1`);
    const told = seen.filter(({ cost }) => cost !== undefined);
    const wrong = told.filter(({ id, cost }) => (costs[toUuid(id)] ?? 0n) !== cost);
    expect({ totalsSeed, wrong }).toEqual({ totalsSeed, wrong: [] });
    expect(told.length).toBeGreaterThan(seen.length / 3);

    // Events, hold by hold, are what was settled.
    const events = await sumsOf(`select hold_id::text as name, sum(cost) as sum from usage_event group by 1`);
    expect(await sumsOf(`select id::text as name, settled as sum from hold`)).toEqual(events);

    // The sums of the hours are those of the events, by key, model and channel.
    await hub.app.get(UsageRoller).catchUp();
    expect(await rollUpDrift(hub.sql)).toEqual([]);
    for (const column of ['account_id', 'key_id', 'model', 'channel_id'] as const) {
      const hours = await sumsOf(`select ${column}::text as name, sum(cost) as sum from usage_hour group by 1`);
      const ofEvents = `select coalesce(${column}::text, '0') as name, sum(cost) as sum from usage_event group by 1`;
      expect({ column, sums: hours }).toEqual({ column, sums: await sumsOf(ofEvents) });
    }

    // The ledger, the account's own counters and what the public API says.
    const byAccount = await sumsOf(`select account_id::text as name, sum(cost) as sum from usage_event group by 1`);
    const posted = await sumsOf(
      `select account::text as name, sum(amount) as sum
         from (select debit_id as account, amount from entry where kind in ('settle', 'late')
               union all select credit_id, -amount from entry where kind = 'refund') e group by 1`,
    );
    expect(posted).toEqual(byAccount);
    const ofKeys = await sumsOf(`select key_id::text as name, sum(cost) as sum from usage_event group by 1`);
    for (const account of [rich!, richer!, poor!]) {
      const own = payers.filter((payer) => payer.account === account);
      const used = byAccount[account]!;
      expect((await balanceOf(hub.sql, account)).used).toBe(used);
      const quota = await hub.fetch('/api/user/quota', { key: own[0]!.key });
      const { data } = (await quota.json()) as { data: { exact: { used: string } } };
      expect(parseCredits(data.exact.used)).toBe(used);
      const byModel = `select model as name, sum(cost) as sum from usage_event where account_id = ${account} group by 1`;
      expect(await reportOf(own[0]!, 'model')).toEqual({ ...(await sumsOf(byModel)), total: used });
      const byKey = Object.fromEntries(own.map(({ keyId }) => [keyId, ofKeys[keyId]!]));
      expect(await reportOf(own[0]!, 'key')).toEqual({ ...byKey, total: used });
    }
    const losses = await sumsOf(`select account_id::text as name, sum(loss) as sum from usage_event group by 1`);
    expect(Object.keys(losses)).toEqual([poor]);
    expect(await sumsOf(`select 'all' as name, sum(amount) as sum from entry where kind = 'loss'`)).toEqual({
      all: losses[poor!],
    });
    expect(await findUnsound(hub.sql)).toEqual([]);
  }, 600_000);
});

/** A request's id as the books have it. */
function toUuid(requestId: string): string {
  return requestId.slice('req_'.length).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
