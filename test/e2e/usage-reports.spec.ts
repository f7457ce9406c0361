import { rollUpUsage } from '../../src/usage/roll-up-usage.js';
import { startHub, type TestHub } from '../support/hub.js';
import {
  DAY_1,
  DAY_2,
  DAY_3,
  DAY_4,
  fillUsage,
  itemsOf,
  NO_USAGE,
  newUsageAccount,
  query,
  USAGE_RANGE,
  type UsageAccount,
} from '../support/usage-account.js';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.close());

describe.each([
  ['from the events', false],
  ['from the sums', true],
])('GET /api/user/usage, %s', (_, isRolledUp) => {
  let account: UsageAccount;
  beforeAll(async () => {
    account = await newUsageAccount(hub);
    await fillUsage(account);
    if (isRolledUp) expect(await rollUpUsage(hub.sql)).toBe('done');
  });

  const gpt4 = {
    ...NO_USAGE,
    requests: 2,
    errors: 1,
    inputTokens: 1000,
    cachedInputTokens: 100,
    cacheWriteTokens: 10,
    outputTokens: 500,
    reasoningTokens: 50,
    cost: '1.500000301',
  };
  const made = { images: 2, videoSeconds: 1.5, audioSeconds: 61.25, characters: 4096, searches: 3 };
  const flux = { ...NO_USAGE, ...made, requests: 1, cost: '0.04' };
  const all = { ...gpt4, ...made, requests: 3, cost: '1.540000301' };

  it('adds up by model', async () => {
    expect(await account.data(query(USAGE_RANGE))).toEqual({
      from: `${DAY_1}T00:00:00.000Z`,
      to: `${DAY_4}T00:00:00.000Z`,
      groupBy: ['model'],
      items: [
        { model: 'flux', ...flux },
        { model: 'gpt-4', ...gpt4 },
      ],
      totals: all,
      nextCursor: null,
    });
  });

  it('covers the last thirty days when no range is given', async () => {
    expect(await account.data('')).toMatchObject({ totals: all });
  });

  it('adds up by day of a zone, user and key together', async () => {
    const parameters = { ...USAGE_RANGE, group_by: 'day,user_identifier,key', time_zone: 'Asia/Shanghai' };
    const { items } = await account.data(query(parameters));
    expect(items).toEqual([
      { day: DAY_1, userIdentifier: '', keyId: account.keyId, ...NO_USAGE },
      {
        ...gpt4,
        day: DAY_1,
        userIdentifier: 'a',
        keyId: account.keyId,
        requests: 1,
        errors: 0,
        cost: '1.500000001',
      },
      { day: DAY_3, userIdentifier: 'b', keyId: null, ...flux },
      {
        day: DAY_3,
        userIdentifier: 'b',
        keyId: account.keyId,
        ...NO_USAGE,
        requests: 1,
        errors: 1,
        cost: '0.0000003',
      },
    ]);
  });

  it.each([
    [{ model: 'flux' }, flux],
    [
      { user_identifier: 'b', model: 'gpt-4' },
      { ...NO_USAGE, requests: 1, errors: 1, cost: '0.0000003' },
    ],
    [{ from: `${DAY_2}T16:00:00Z`, to: `${DAY_2}T16:01:00Z`, model: 'flux' }, flux],
    [{ from: `${DAY_2}T17:00:00Z` }, NO_USAGE],
    [{ to: `${DAY_2}T16:00:00Z` }, { ...gpt4, requests: 1, errors: 0, cost: '1.500000001' }],
    [{ user_identifier: '' }, NO_USAGE],
    [{ model: 'GPT-4' }, NO_USAGE],
  ])('counts only what fits %j', async (filter, totals) => {
    expect(await account.data(query({ ...USAGE_RANGE, ...filter }))).toMatchObject({ totals });
  });

  it('counts only one key of the account', async () => {
    const { totals } = await account.data(query({ ...USAGE_RANGE, key_id: account.keyId }));
    expect(totals).toEqual(gpt4);
  });

  it('pages through groups, each once, with the totals of all on every page', async () => {
    const parameters = { ...USAGE_RANGE, group_by: 'model,day,user_identifier', limit: '1' };
    const seen: unknown[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const page = await account.data(query({ ...parameters, ...(after === '' ? {} : { after }) }));
      expect(page['totals']).toEqual(all);
      expect(itemsOf(page)).toHaveLength(1);
      seen.push(...itemsOf(page).map(({ model, day, userIdentifier }) => [model, day, userIdentifier]));
      after = page['nextCursor'] as string | null;
    }
    expect(seen).toEqual([
      ['flux', DAY_2, 'b'],
      ['gpt-4', DAY_1, ''],
      ['gpt-4', DAY_1, 'a'],
      ['gpt-4', DAY_2, 'b'],
    ]);
  });

  it('never names a channel, an upstream model or a purchase price', async () => {
    const texts = await Promise.all(
      ['?group_by=model,day,user_identifier,key', '?format=csv', '/events?attempts=all'].map(async (path) =>
        (await account.get(path)).text(),
      ),
    );
    for (const text of texts) expect(text).not.toMatch(/channel|purchase|loss|upstream_model|secret-upstream|777777/i);
  });
});

describe('GET /api/user/usage as CSV', () => {
  it('holds the whole report, and nothing a spreadsheet would run', async () => {
    const account = await newUsageAccount(hub);
    await account.add(
      { model: 'gpt-4', user_identifier: '=cmd|"/c calc"!A1', input_tokens: 3, cost: '5' },
      { model: 'a,b', user_identifier: '小明' },
    );
    const answer = await account.get('?group_by=model,user_identifier&format=csv');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="usage.csv"');
    const sums =
      'requests,errors,inputTokens,cachedInputTokens,cacheWriteTokens,outputTokens,reasoningTokens,images,videoSeconds,audioSeconds,characters,searches,cost';
    const text = [
      `model,userIdentifier,${sums}`,
      '"a,b",小明,1,0,0,0,0,0,0,0,0,0,0,0,0',
      `gpt-4,"'=cmd|""/c calc""!A1",1,0,3,0,0,0,0,0,0,0,0,0,0.000000005`,
      '',
    ].join('\r\n');
    expect(await answer.text()).toBe(text);
    const negotiated = await account.get('?group_by=model,user_identifier', 'text/csv, application/json;q=0.5');
    expect(await negotiated.text()).toBe(text);
    expect(negotiated.headers.get('vary')).toContain('accept');
  });

  it('is never paged, and says so when it would be too long', async () => {
    const account = await newUsageAccount(hub);
    expect(await account.refusal('?format=csv&limit=5')).toMatchObject({
      status: 400,
      body: { code: 'invalid_value' },
    });
    const users = Array.from({ length: 10_001 }, (_, at) => ({ user_identifier: `u${at}` }));
    await account.add(...users);
    expect(await account.refusal('?format=csv&group_by=user_identifier')).toMatchObject({
      status: 400,
      body: { success: false, code: 'report_too_long' },
    });
    const answer = await account.get('?format=csv&group_by=user_identifier&user_identifier=u7');
    expect((await answer.text()).split('\r\n')).toHaveLength(3);
  });
});
