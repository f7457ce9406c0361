import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readServedRequests } from '../../src/admin/catalogue/dry-runs/served-requests.js';
import { evenDraw } from '../../src/routing/even-draw.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { awayFromMidnight } from '../support/away-from-midnight.js';
import { type TestHub } from '../support/hub.js';
import { insertEvents, type TestEvent } from '../support/usage-events.js';

const DAY_MS = 86_400_000;
const PRICE = `query ($input: DryRunPriceInput!) { dryRunPrice(input: $input) {
  from to isComplete requestsRead requests chargedCost newCost difference requestsUncertain
  perModel { modelId requests chargedCost newCost difference } topAccounts { accountId difference }
  purchase { requests chargedCost newCost difference } notes } }`;
const ROUTE = `query ($input: DryRunRouteInput!) { dryRunRoute(input: $input) {
  from to isComplete requestsRead withoutChannelBefore withoutChannelAfter
  purchaseCostBefore purchaseCostAfter purchaseCostDifference requestsWithoutPurchasePrice
  channels { channelId requestsServed requestsBefore requestsAfter shareBefore shareAfter channel { name } } } }`;

/** A request of the past, charged unless it has no version. */
interface PastRequest extends TestEvent {
  readonly price_version_id?: string | null;
}

describe('dry runs', () => {
  let hub: TestHub;
  let admin: AdminClient;
  const channels: string[] = [];
  const accounts: { id: string; millionths: bigint }[] = [];
  let yesterday: number;
  const requests: PastRequest[] = [];

  beforeAll(async () => {
    hub = await startHub();
    await awayFromMidnight();
    yesterday = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS;
    admin = await signInAs(hub, 'admin');
    const providers = ['openai-compatible', 'openai-compatible', 'deepseek', 'openai-compatible'];
    for (const [index, provider] of providers.entries()) {
      const input = {
        name: `c${index}`,
        provider,
        baseUrl: 'https://api.example.com/v1',
        credential: 'some-credential-1',
        weight: [3, 1, 1, 1][index],
        isEnabled: index !== 3,
      };
      const { createChannel } = await admin.data(
        'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { id } }',
        { input },
      );
      channels.push(createChannel.id);
    }
    for (const modelId of ['alpha', 'beta', 'declared']) {
      await admin.data('mutation ($input: CreateModelInput!) { createModel(input: $input) { id } }', {
        input: { id: modelId },
      });
      await setPrice({ modelId, price: { inputPerMillion: '1', outputPerMillion: '2' } });
    }
    for (const channelId of channels.slice(0, 2)) {
      await admin.data('mutation ($input: AddRouteInput!) { addRoute(input: $input) { modelId } }', {
        input: { channelId, modelId: 'alpha' },
      });
    }
    await setPrice({ modelId: 'alpha', channelId: channels[0], side: 'PURCHASE', price: { perRequest: '1' } });
    await setPrice({
      modelId: 'alpha',
      channelId: channels[1],
      side: 'PURCHASE',
      price: { inputPerMillion: '0.7', perRequest: '2' },
    });
    for (const multiplier of [1_000_000n, 1_500_000n, 333_333n]) {
      const [group] = await hub.sql.query<{ id: string }>(
        `insert into account_group (name, multiplier_millionths) values ($1, $2) returning id`,
        [`group-${multiplier}`, multiplier],
      );
      const [account] = await hub.sql.query<{ id: string }>(
        `insert into account (name, group_id) values ('dry', $1) returning id`,
        [group!.id],
      );
      accounts.push({ id: account!.id, millionths: multiplier });
    }
    await seed();
  });
  afterAll(() => hub.close());

  const setPrice = (input: object): Promise<unknown> =>
    admin.data('mutation ($input: SetPriceInput!) { setPrice(input: $input) { isChanged } }', { input });

  async function seed(): Promise<void> {
    const [version] = await hub.sql.query<{ id: string }>(`select id from price_version limit 1`);
    for (let i = 0; i < 240; i++) {
      const isFailed = i % 11 === 0;
      requests.push({
        account_id: accounts[i % 3]!.id,
        channel_id: channels[i % 2]!,
        model: i % 4 === 3 ? 'beta' : 'alpha',
        endpoint: i % 5 === 0 ? 'embeddings' : 'chat/completions',
        outcome: isFailed ? 'failed' : 'done',
        price_version_id: isFailed ? null : version!.id,
        input_tokens: isFailed ? null : 101 + i,
        output_tokens: isFailed ? null : 7 * i,
        cost: isFailed ? '0' : String(1_000 + i),
        purchase_cost: isFailed ? null : String(10 + i),
        created_at: new Date(yesterday + i * 300_000),
      });
    }
    await insertEvents(hub.sql, requests);
    // Neither the day before nor today counts.
    const others = [-1, DAY_MS].map((ms) => ({ ...requests[2]!, created_at: new Date(yesterday + ms) }));
    await insertEvents(hub.sql, others);
  }

  const credits = (nano: bigint): string => {
    const text = `${nano < 0n ? '-' : ''}${String(nano < 0n ? -nano : nano).padStart(10, '0')}`;
    return text.replace(/(\d{9})$/, '.$1').replace(/\.?0+$/, '');
  };
  const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
  /** Worked out by hand: 3 credits a million tokens in, 7 out, rounded up once for each request. */
  const newCostOf = (request: PastRequest): bigint => {
    if (request.price_version_id === null) return 0n;
    const { millionths } = accounts.find(({ id }) => id === request.account_id)!;
    const exact = (BigInt(request.input_tokens!) * 3n + BigInt(request.output_tokens!) * 7n) * 10n ** 9n * millionths;
    return (exact + 10n ** 12n - 1n) / 10n ** 12n;
  };

  it('says to the unit what another price would have made of yesterday', async () => {
    const price = { inputPerMillion: '3', outputPerMillion: '7' };
    const changes = ['alpha', 'beta'].map((modelId) => ({ modelId, price }));
    const { dryRunPrice } = await admin.data(PRICE, { input: { changes } });
    const charged = sum(requests.map(({ cost }) => BigInt(cost!)));
    const expected = sum(requests.map(newCostOf));
    expect(dryRunPrice).toMatchObject({
      from: new Date(yesterday).toISOString(),
      to: new Date(yesterday + DAY_MS).toISOString(),
      isComplete: true,
      requestsRead: 240,
      requests: 240,
      chargedCost: credits(charged),
      newCost: credits(expected),
      difference: credits(expected - charged),
      purchase: null,
      notes: [],
    });
    for (const { modelId, newCost, requests: count } of dryRunPrice.perModel) {
      const own = requests.filter(({ model }) => model === modelId);
      expect({ modelId, newCost, count }).toEqual({
        modelId,
        newCost: credits(sum(own.map(newCostOf))),
        count: own.length,
      });
    }
    const differences = accounts.map(({ id }) => {
      const own = requests.filter(({ account_id }) => account_id === id);
      return { accountId: id, difference: credits(sum(own.map((each) => newCostOf(each) - BigInt(each.cost!)))) };
    });
    expect([...dryRunPrice.topAccounts].sort(byAccount)).toEqual(differences.sort(byAccount));
  });

  it('changes nothing by it', async () => {
    const before = await hub.sql.query('select id, price from price_version order by id');
    await admin.data(PRICE, { input: { changes: [{ modelId: 'alpha', price: { perRequest: '5' } }] } });
    expect(await hub.sql.query('select id, price from price_version order by id')).toEqual(before);
  });

  it('leaves what a price of one channel does not concern as it was', async () => {
    const changes = [
      { modelId: 'alpha', channelId: channels[1], price: { inputPerMillion: '3', outputPerMillion: '7' } },
    ];
    const { dryRunPrice } = await admin.data(PRICE, { input: { changes } });
    const alpha = requests.filter(({ model }) => model === 'alpha');
    const expected = alpha.map((each) => (each.channel_id === channels[1] ? newCostOf(each) : BigInt(each.cost!)));
    expect(dryRunPrice).toMatchObject({ requests: alpha.length, newCost: credits(sum(expected)) });
  });

  it('reckons purchase prices apart', async () => {
    const changes = [
      { modelId: 'alpha', side: 'PURCHASE', channelId: channels[0], price: { perRequest: '0.000000100' } },
    ];
    const { dryRunPrice } = await admin.data(PRICE, { input: { changes } });
    const alpha = requests.filter(({ model, price_version_id: version }) => model === 'alpha' && version !== null);
    const charged = sum(alpha.map(({ purchase_cost: cost }) => BigInt(cost!)));
    const next = sum(
      alpha.map(({ channel_id: channel, purchase_cost: cost }) => (channel === channels[0] ? 100n : BigInt(cost!))),
    );
    expect(dryRunPrice).toMatchObject({
      requests: 0,
      purchase: {
        requests: alpha.length,
        chargedCost: credits(charged),
        newCost: credits(next),
        difference: credits(next - charged),
      },
    });
  });

  it('says that a price of the configuration counts more', async () => {
    await hub.sql.query(
      `insert into price_version (model_id, side, price, source) values ('declared', 'selling', '{"perRequest":"1"}', 'config')`,
    );
    const { dryRunPrice } = await admin.data(PRICE, {
      input: { changes: [{ modelId: 'declared', price: { perRequest: '9' } }] },
    });
    expect(dryRunPrice.notes).toEqual([
      `The selling price of "declared" is stated by HUB_CONFIG, which counts more than operators' word: 9 per request would have no effect.`,
    ]);
  });

  /** Where live traffic would try a request first: the place of the draw among the weights. */
  const firstOf = (index: number, weights: readonly (readonly [string, number])[]): string => {
    const point = evenDraw(index) * weights.reduce((total, [, weight]) => total + weight, 0);
    let end = 0;
    for (const [channel, weight] of weights) {
      end += weight;
      if (point < end) return channel;
    }
    throw new Error('The draw lies outside of the weights');
  };

  it('says which channels would have been tried first with other weights, and what that costs', async () => {
    const alpha = requests.filter(({ model }) => model === 'alpha');
    const changes = [{ channelId: channels[1], weight: 3 }];
    const { dryRunRoute } = await admin.data(ROUTE, { input: { modelId: 'alpha', changes } });
    const [a, b] = [channels[0]!, channels[1]!];
    const before = alpha.map((_each, index) =>
      firstOf(index, [
        [a, 3],
        [b, 1],
      ]),
    );
    const after = alpha.map((_each, index) =>
      firstOf(index, [
        [a, 3],
        [b, 3],
      ]),
    );
    const costOn = (channel: string, { input_tokens: tokens, price_version_id: version }: PastRequest): bigint =>
      version === null ? 0n : channel === a ? 10n ** 9n : 2n * 10n ** 9n + BigInt(tokens!) * 700n;
    const costs = [before, after].map((chosen) => sum(chosen.map((channel, index) => costOn(channel, alpha[index]!))));
    const count = (chosen: readonly string[], channel: string): number =>
      chosen.filter((each) => each === channel).length;
    expect(dryRunRoute).toMatchObject({
      isComplete: true,
      requestsRead: 180,
      withoutChannelBefore: 0,
      withoutChannelAfter: 0,
      purchaseCostBefore: credits(costs[0]!),
      purchaseCostAfter: credits(costs[1]!),
      purchaseCostDifference: credits(costs[1]! - costs[0]!),
      requestsWithoutPurchasePrice: 0,
      channels: [a, b].map((channelId, index) => ({
        channelId,
        channel: { name: `c${index}` },
        requestsServed: alpha.filter(({ channel_id: channel }) => channel === channelId).length,
        requestsBefore: count(before, channelId),
        requestsAfter: count(after, channelId),
      })),
    });
    const [first] = dryRunRoute.channels;
    expect(Math.abs(first.shareBefore - 0.75)).toBeLessThan(0.02);
    expect(Math.abs(first.shareAfter - 0.5)).toBeLessThan(0.02);
  });

  it('sees priorities, channels that are switched off, and operations that a channel does not have', async () => {
    const alpha = requests.filter(({ model }) => model === 'alpha');
    const embeddings = alpha.filter(({ endpoint }) => endpoint === 'embeddings').length;
    const [a, b, chatOnly, off] = channels as [string, string, string, string];
    const run = async (changes: object[]) =>
      (await admin.data(ROUTE, { input: { modelId: 'alpha', changes } })).dryRunRoute;
    const triedOn = (
      result: { channels: { channelId: string; requestsAfter: number }[] },
      id: string,
    ): number | undefined => result.channels.find(({ channelId }) => channelId === id)?.requestsAfter;

    const first = await run([{ channelId: off, isServed: true, priority: 5 }]);
    expect([triedOn(first, a), triedOn(first, b), triedOn(first, off)]).toEqual([0, 0, 180]);
    expect(first.requestsWithoutPurchasePrice).toBe(
      alpha.filter(({ price_version_id: version }) => version !== null).length,
    );

    const chat = await run([{ channelId: chatOnly, isServed: true, upstreamModel: 'deepseek-flash', priority: 5 }]);
    expect(triedOn(chat, chatOnly)).toBe(180 - embeddings);
    expect(chat.withoutChannelAfter).toBe(0);

    const alone = await run([
      { channelId: chatOnly, isServed: true },
      { channelId: a, isServed: false },
      { channelId: b, isServed: false },
    ]);
    expect([triedOn(alone, chatOnly), alone.withoutChannelAfter]).toEqual([180 - embeddings, embeddings]);

    const none = await run([
      { channelId: a, isServed: false },
      { channelId: b, isServed: false },
    ]);
    expect(none).toMatchObject({ withoutChannelBefore: 0, withoutChannelAfter: 180 });

    // The route of a channel that is switched off keeps its own place.
    await admin.data('mutation ($input: AddRouteInput!) { addRoute(input: $input) { modelId } }', {
      input: { channelId: off, modelId: 'alpha', priority: 5 },
    });
    const again = await run([{ channelId: off, isServed: true }]);
    expect([triedOn(again, a), triedOn(again, b), triedOn(again, off)]).toEqual([0, 0, 180]);
  });

  it.each([
    [PRICE, { changes: [] }, 'changes'],
    [PRICE, { changes: [{ modelId: 'nothing', price: { perRequest: '1' } }] }, 'changes[0].modelId'],
    [PRICE, { changes: [{ modelId: 'alpha', price: { perRequest: 'x' } }] }, 'changes[0].price.perRequest'],
    [PRICE, { changes: [{ modelId: 'alpha', channelId: '9999', price: { perRequest: '1' } }] }, 'changes[0].channelId'],
    [
      PRICE,
      {
        changes: [{ modelId: 'alpha', price: { perRequest: '1' } }],
        from: '2026-01-01T00:00:00Z',
        to: '2026-03-01T00:00:00Z',
      },
      'from',
    ],
    [
      PRICE,
      {
        changes: [{ modelId: 'alpha', price: { perRequest: '1' } }],
        from: '2026-01-02T00:00:00Z',
        to: '2026-01-01T00:00:00Z',
      },
      'from',
    ],
    [ROUTE, { modelId: 'alpha', changes: [] }, 'changes'],
    [ROUTE, { modelId: 'nothing', changes: [{ channelId: '1', weight: 1 }] }, 'modelId'],
    [ROUTE, { modelId: 'alpha', changes: [{ channelId: 'x', weight: 1 }] }, 'changes[0].channelId'],
    [ROUTE, { modelId: 'alpha', changes: [{ channelId: '9999', weight: 1 }] }, 'changes[0].channelId'],
    [ROUTE, { modelId: 'alpha', changes: [{ channelId: '1', weight: -1 }] }, 'changes[0].weight'],
    [
      ROUTE,
      {
        modelId: 'alpha',
        changes: [{ channelId: '1', weight: 1 }],
        to: '1960-01-01T00:00:00Z',
        from: '1950-01-01T00:00:00Z',
      },
      'from',
    ],
  ])('refuses what makes no sense, naming it: %#', async (query, input, param) => {
    const { errors } = await admin.send(query, { input });
    expect(errors?.[0]?.extensions).toMatchObject({ param });
  });

  it('looks at one thing at a time', async () => {
    const query = `query ($input: DryRunPriceInput!) { a: dryRunPrice(input: $input) { requests } b: dryRunPrice(input: $input) { requests } }`;
    const input = { changes: [{ modelId: 'alpha', price: { perRequest: '1' } }] };
    expect(await admin.code(query, { input })).toBe('dry_run_under_way');
    expect((await admin.send(PRICE, { input })).errors).toBeUndefined();
  });

  it('reads in batches, each request once, and says when there were too many', async () => {
    const many = Array.from({ length: 2_500 }, (_each, index) => ({
      ...requests[1]!,
      model: 'many',
      input_tokens: index,
      created_at: new Date(yesterday + index * 1_000),
    }));
    await insertEvents(hub.sql, many);
    const span = { from: new Date(yesterday), to: new Date(yesterday + DAY_MS) };
    const read = async (most?: number) => {
      const tokens: number[] = [];
      const result = await readServedRequests(
        hub.sql,
        'many',
        span,
        ({ usage }) => tokens.push(usage.inputTokens),
        most,
      );
      return { ...result, tokens };
    };
    const inOrder = (length: number): number[] => Array.from({ length }, (_each, index) => index);
    expect(await read()).toEqual({ requestsRead: 2_500, isComplete: true, tokens: inOrder(2_500) });
    expect(await read(2_500)).toEqual({ requestsRead: 2_500, isComplete: true, tokens: inOrder(2_500) });
    expect(await read(2_499)).toEqual({ requestsRead: 2_499, isComplete: false, tokens: inOrder(2_499) });
    expect(await read(2_000)).toEqual({ requestsRead: 2_000, isComplete: false, tokens: inOrder(2_000) });
    expect(await read(10)).toEqual({ requestsRead: 10, isComplete: false, tokens: inOrder(10) });
  });

  it('is not for members', async () => {
    const member = await signInAs(hub, 'member', hub.accountId);
    expect(await member.code(PRICE, { input: { changes: [{ modelId: 'alpha', price: { perRequest: '1' } }] } })).toBe(
      'forbidden',
    );
    expect(await member.code(ROUTE, { input: { modelId: 'alpha', changes: [{ channelId: '1', weight: 1 }] } })).toBe(
      'forbidden',
    );
  });
});

const byAccount = (a: { accountId: string }, b: { accountId: string }) => Number(a.accountId) - Number(b.accountId);
