import { uuid7Hex } from '../../src/common/ids.js';
import { startHub, type TestHub } from '../support/hub.js';
import {
  DAY_1,
  DAY_2,
  fillUsage,
  itemsOf,
  newUsageAccount,
  query,
  type UsageAccount,
} from '../support/usage-account.js';
import { holdIdAt } from '../support/usage-events.js';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.close());

describe('GET /api/user/usage/events', () => {
  let account: UsageAccount;
  let holds: string[];
  beforeAll(async () => {
    account = await newUsageAccount(hub);
    holds = await fillUsage(account);
  });

  const idsOf = (data: Record<string, unknown>) => itemsOf(data).map(({ requestId }) => requestId);
  const ids = (...at: number[]) => at.map((index) => `req_${holds[index]}`);

  it('shows what ended requests or moved money, newest first', async () => {
    const data = await account.data('/events');
    expect(idsOf(data)).toEqual(ids(4, 3, 2, 1));
    expect(data['nextCursor']).toBeNull();
    expect(itemsOf(data)[3]).toEqual({
      requestId: `req_${holds[1]}`,
      attempt: 1,
      isFinal: true,
      model: 'gpt-4',
      endpoint: 'chat',
      keyId: account.keyId,
      userIdentifier: 'a',
      outcome: 'done',
      errorCode: null,
      estimated: false,
      inputTokens: 1000,
      cachedInputTokens: 100,
      cacheWriteTokens: 10,
      outputTokens: 500,
      reasoningTokens: 50,
      images: null,
      videoSeconds: null,
      audioSeconds: null,
      characters: null,
      searches: null,
      serviceTier: null,
      durationMs: 1200,
      firstTokenMs: 300,
      cost: '1.500000001',
      createdAt: `${DAY_1}T10:15:00.000Z`,
    });
    expect(itemsOf(data)[0]).toMatchObject({ isFinal: false, outcome: 'late', cost: '-0.0000002', videoSeconds: null });
  });

  it.each<[Record<string, string>, number[]]>([
    [{ attempts: 'all' }, [4, 3, 2, 1, 0]],
    [{ attempts: 'all', outcome: 'failed' }, [0]],
    [{ outcome: 'client_gone' }, [2]],
    [{ model: 'flux' }, [3]],
    [{ user_identifier: 'a' }, [1]],
    [{ user_identifier: '' }, []],
    [{ from: `${DAY_2}T16:30:00Z` }, [4, 3, 2]],
    [{ to: `${DAY_2}T16:30:00Z` }, [1]],
    [{ from: `${DAY_1}T10:15:00.001Z`, to: `${DAY_2}T16:30:00Z` }, []],
    [{ from: '1970-01-01', to: '9999-12-31' }, [4, 3, 2, 1]],
  ])('lists only what fits %j', async (filter, expected) => {
    expect(idsOf(await account.data(`/events${query(filter)}`))).toEqual(ids(...expected));
  });

  it('finds one request by its id', async () => {
    expect(idsOf(await account.data(`/events?request_id=req_${holds[2]}`))).toEqual(ids(2));
    expect(idsOf(await account.data(`/events?request_id=req_${uuid7Hex(Date.now())}`))).toEqual([]);
  });

  it('finds an event that was settled days after its request began', async () => {
    const slow = await newUsageAccount(hub);
    const created_at = new Date(`${DAY_1}T10:00:00Z`);
    const [holdId] = await slow.add({ created_at, hold_id: holdIdAt(new Date(created_at.getTime() - 6 * 86_400_000)) });
    expect(idsOf(await slow.data(`/events?from=${DAY_1}&to=${DAY_2}`))).toEqual([`req_${holdId}`]);
  });

  it('pages through attempts, each once', async () => {
    const paged = await newUsageAccount(hub);
    const hold_id = holdIdAt(new Date());
    await paged.add(...[0, 1, 2].map((attempt) => ({ hold_id, attempt, is_final: attempt === 2 })));
    await paged.add({}, {});
    const seen: unknown[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const page = await paged.data(
        `/events${query({ attempts: 'all', limit: '2', ...(after === '' ? {} : { after }) })}`,
      );
      seen.push(...itemsOf(page).map(({ requestId, attempt }) => `${requestId} ${attempt}`));
      after = page['nextCursor'] as string | null;
    }
    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(5);
    expect(seen.slice(2)).toEqual([2, 1, 0].map((attempt) => `req_${hold_id} ${attempt}`));
  });
});
