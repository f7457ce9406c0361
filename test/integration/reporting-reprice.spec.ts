import { Database } from '../../src/database/database.js';
import { NO_USAGE } from '../../src/pricing/billable-usage.js';
import { costOf } from '../../src/pricing/cost-of.js';
import { parsePrice } from '../../src/pricing/parse-price.js';
import { repriceTraffic } from '../../src/reporting/reprice-traffic.js';
import { openMemoryDatabase } from '../support/database.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { Traffic, type TrafficEvent } from '../support/traffic.js';

const END = new Date('2026-11-20T10:25:00Z');
const FROM = new Date('2026-11-19T10:25:00Z');
const PRICE = parsePrice({
  inputPerMillion: '0.7',
  outputPerMillion: '3.1',
  cachedInputPerMillion: '0.1',
  perImage: '0.02',
  perAudioSecond: '0.0001',
  perMillionCharacters: '15',
  perSearch: '0.002',
  serviceTiers: { flex: { inputPerMillion: '0.3' } },
});
const MULTIPLIER = 1_250_000n;

function describeReprice(open: () => Database): void {
  let traffic: Traffic;
  const seed = Math.floor(Math.random() * 2 ** 31);
  beforeAll(async () => {
    const { sql } = open();
    traffic = await Traffic.of(sql, seed);
    await traffic.add(600, END, 40);
    const [group] = await sql.query<{ id: string }>(
      `insert into account_group (name, multiplier_millionths) values ('dear', $1) returning id`,
      [MULTIPLIER],
    );
    await sql.query('update account set group_id = $1::bigint where id = $2::bigint', [
      group?.id ?? '',
      traffic.accountIds[0] ?? '',
    ]);
  }, 120_000);

  /** Requests that began in the day, each with its attempts. */
  function requests(model: string): TrafficEvent[][] {
    const began = ({ hold_id }: TrafficEvent): number => Number.parseInt(hold_id.replaceAll('-', '').slice(0, 12), 16);
    const events = traffic.events.filter(
      (event) => event.model === model && began(event) >= FROM.getTime() && began(event) < END.getTime(),
    );
    return [...Map.groupBy(events, ({ hold_id }) => hold_id).values()];
  }

  function newCostOf(attempts: readonly TrafficEvent[]): bigint {
    const charged = attempts.findLast(({ price_version_id: id }) => id !== null);
    if (charged === undefined) return attempts.reduce((sum, { cost }) => sum + BigInt(cost), 0n);
    const usage = {
      ...NO_USAGE,
      inputTokens: charged.input_tokens ?? 0,
      cachedInputTokens: charged.cached_input_tokens ?? 0,
      cacheWriteTokens: charged.cache_write_tokens ?? 0,
      outputTokens: charged.output_tokens ?? 0,
      reasoningTokens: charged.reasoning_tokens ?? 0,
      images: charged.images ?? 0,
      videoMs: charged.video_ms ?? 0,
      audioMs: charged.audio_ms ?? 0,
      characters: charged.characters ?? 0,
      searches: charged.searches ?? 0,
      serviceTier: charged.service_tier ?? undefined,
    };
    return costOf(PRICE, usage, charged.account_id === traffic.accountIds[0] ? MULTIPLIER : 1_000_000n);
  }

  it(`reckons a day anew, request by request (seed ${seed})`, async () => {
    const models = traffic.models.slice(0, 3);
    const change = await repriceTraffic(open().sql, { from: FROM, to: END, models }, () => PRICE);
    expect(change.isComplete).toBe(true);
    for (const model of models) {
      const wanted = requests(model);
      const cost = wanted.flat().reduce((sum, event) => sum + BigInt(event.cost), 0n);
      const newCost = wanted.reduce((sum, attempts) => sum + newCostOf(attempts), 0n);
      expect(change.models.find((one) => one.model === model)).toEqual({
        model,
        requests: BigInt(wanted.length),
        cost,
        newCost,
        difference: newCost - cost,
      });
    }
    expect(change.requestsRead).toBe(models.flatMap(requests).length);
    expect(change.models).toHaveLength(3);
    expect(change.accounts.reduce((sum, { difference }) => sum + difference, 0n)).toBe(change.total.difference);
  });

  it('reads one account alone', async () => {
    const [, accountId = ''] = traffic.accountIds;
    const [model = ''] = traffic.models;
    const { total } = await repriceTraffic(
      open().sql,
      { from: FROM, to: END, models: [model], accountId },
      () => PRICE,
    );
    const wanted = requests(model).filter(([first]) => first?.account_id === accountId);
    expect(total.requests).toBe(BigInt(wanted.length));
    expect(total.newCost).toBe(wanted.reduce((sum, attempts) => sum + newCostOf(attempts), 0n));
  });

  it('says that it has not read everything, and counts only whole requests', async () => {
    const [model = ''] = traffic.models;
    const whole = requests(model).sort(([a], [b]) => ((a?.hold_id ?? '') < (b?.hold_id ?? '') ? -1 : 1));
    const scope = { from: FROM, to: END, models: [model] };
    const part = await repriceTraffic(open().sql, scope, () => PRICE, { eventsMax: 11 });
    expect(part.isComplete).toBe(false);
    let left = 11;
    const read = whole.filter((attempts) => {
      left -= attempts.length;
      return left >= 0;
    });
    // The last one may have been read whole, but whether it has more attempts is not known.
    expect([read.length, read.length - 1]).toContain(part.requestsRead);
    const cost = whole.slice(0, part.requestsRead).reduce((sum, attempts) => sum + newCostOf(attempts), 0n);
    expect(part.total.newCost).toBe(cost);
  });

  it('refuses by name', async () => {
    const ask = (scope: object) =>
      repriceTraffic(open().sql, { from: FROM, to: END, models: ['m'], ...scope }, () => PRICE);
    await expect(ask({ from: new Date('2026-09-01') })).rejects.toMatchObject({
      code: 'range_too_long',
      param: 'from',
    });
    await expect(ask({ to: FROM })).rejects.toMatchObject({ param: 'from' });
    await expect(ask({ models: ['a\0'] })).rejects.toMatchObject({ param: 'models' });
    await expect(ask({ accountId: 'x' })).rejects.toMatchObject({ param: 'accountId' });
  });
}

describe('dry runs of prices on the embedded database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openMemoryDatabase();
  }, 120_000);
  afterAll(() => database.close());
  describeReprice(() => database);
});

describeWithPostgres('dry runs of prices on PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres();
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
  }, 120_000);
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });
  describeReprice(() => database);
});
