import { Agent, request } from 'node:http';
import { balanceOf, openHolds, UNIT } from '../support/books.js';
import type { HubProcess } from '../support/hub-process.js';
import { brokenInvariants } from '../support/ledgers.js';
import { describeWithPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';
import { type BooksHubs, startBooksHubs } from './books-hubs.js';
import { CHAT_PATH } from './hub-calls.js';

const agent = new Agent({ keepAlive: true, maxSockets: 600 });
/** The one prompt, capped at 5 output tokens: what it holds is known from the first answer. */
const BODY = JSON.stringify({
  model: 'gpt-4',
  max_tokens: 5,
  messages: [{ role: 'user', content: 'FAKE:{"in":4,"out":5}' }],
});

let hubs: BooksHubs;

function ask(hub: HubProcess, apiKey: string): Promise<{ status: number; code: string | undefined }> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request(hub.url + CHAT_PATH, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => {
        const { error } = JSON.parse(text) as { error?: { code: string } };
        resolve({ status: answer.statusCode ?? 0, code: error?.code });
      });
    });
    asked.on('error', reject);
    asked.end(BODY);
  });
}

/** The upstream answers when every request has been let in or refused: until then none is settled, and nothing freed. */
async function askOnBoth(each: number, apiKey: string): Promise<Map<string, number>> {
  const { upstream } = hubs;
  const { promise: allHaveAsked, resolve } = Promise.withResolvers<undefined>();
  upstream.script(() => allHaveAsked);
  const before = upstream.requests.length;
  let answered = 0;
  const asked = [hubs.first, hubs.second].flatMap((hub) =>
    Array.from({ length: each }, () => ask(hub, apiKey).finally(() => answered++)),
  );
  await until(() => answered + upstream.requests.length - before >= asked.length);
  resolve(undefined);
  const answers = await Promise.all(asked);
  const counts = new Map<string, number>();
  for (const { status, code } of answers) {
    const what = code === undefined ? String(status) : `${status} ${code}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return counts;
}

describeWithPostgres('two hubs on one account', () => {
  let holdUnits: bigint;
  beforeAll(async () => {
    hubs = await startBooksHubs();
    const { accountId, apiKey } = await hubs.customer(1_000n);
    expect(await ask(hubs.first, apiKey)).toMatchObject({ status: 200 });
    const [hold] = await hubs.sql.query<{ amount: string }>('select amount from hold where account_id = $1', [
      accountId,
    ]);
    holdUnits = BigInt(hold?.amount ?? 0) / UNIT;
  });
  afterAll(async () => {
    agent.destroy();
    await hubs?.stop();
  });
  afterEach(async () => {
    await until(async () => (await openHolds(hubs.sql)) === 0);
    expect(await brokenInvariants(hubs.sql)).toEqual([]);
  });

  // G2
  it('let in exactly as many of a thousand requests at once as the account can pay for', async () => {
    const { accountId, apiKey } = await hubs.customer(holdUnits * 37n + 1n);
    const before = hubs.upstream.executions;
    expect(await askOnBoth(500, apiKey)).toEqual(
      new Map([
        ['403 insufficient_quota', 963],
        ['200', 37],
      ]),
    );
    expect(hubs.upstream.executions - before).toBe(37);
    // 4 and 2 x 5.
    expect((await balanceOf(hubs.sql, accountId)).used).toBe(37n * 14n * UNIT);
  });

  // T005
  it('let in exactly as many of 500 requests at once as the budget of the key allows', async () => {
    const { accountId, keyId, apiKey } = await hubs.customer(1_000_000n);
    await hubs.sql.query(`insert into key_budget (key_id, period, limit_amount) values ($1, 'total', $2)`, [
      keyId,
      holdUnits * 50n * UNIT,
    ]);
    expect(await askOnBoth(250, apiKey)).toEqual(
      new Map([
        ['403 key_quota_exceeded', 450],
        ['200', 50],
      ]),
    );
    expect((await balanceOf(hubs.sql, accountId)).used).toBe(50n * 14n * UNIT);
  });
});
