import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CodeDownloads } from '../../src/admin/customers/codes/code-downloads.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { auditLength, auditRowsOf } from '../support/audit-rows.js';
import { balanceOf, UNIT } from '../support/books.js';
import { countStatements } from '../support/count-statements.js';
import { type TestHub } from '../support/hub.js';
import { quietNow } from '../support/quiet-clock.js';
import { findUnsound } from '../support/sound-books.js';

const CREATE = `mutation ($input: CreateRedemptionBatchInput!) { createRedemptionBatch(input: $input) {
  downloadUrl downloadUntil batch { id name actor summary {
    codes redeemed disabled amount redeemedAmount maxUses expiresAt } } } }`;
const DISABLE = `mutation ($input: DisableCodesInput!) { disableCodes(input: $input) { found disabled } }`;
const REDEEM = `mutation ($input: RedeemCodeInput!) { redeemCode(input: $input) { __typename
  ... on CodeRedeemed { added balance { total remaining totalUnits } } ... on CodeRefused { reason message } } }`;
const CODES = `query ($first: Int, $after: String, $filter: RedemptionCodeFilter) {
  redemptionCodes(first: $first, after: $after, filter: $filter) {
    nodes { id last4 state used batch { name } } pageInfo { hasNextPage endCursor } } }`;
const CODE = /^REDEEM(-[0-9A-HJKMNP-TV-Z]{4}){4}$/;

let hub: TestHub;
let admin: AdminClient;
let viewer: AdminClient;
beforeAll(async () => {
  hub = await startHub();
  [admin, viewer] = await Promise.all([signInAs(hub, 'admin'), signInAs(hub, 'viewer')]);
});
afterAll(async () => {
  expect(await findUnsound(hub.sql)).toEqual([]);
  await hub.close();
});

/** The file is asked for at the test's own port, whatever address the hub is known by. */
const download = (url: string): Promise<Response> => fetch(hub.url + new URL(url).pathname);

async function newBatch(input: Record<string, unknown> = {}): Promise<{ id: string; url: string; codes: string[] }> {
  const wanted = { name: 'a batch', count: 1, amount: '2.5', ...input };
  const { createRedemptionBatch } = await admin.data(CREATE, { input: wanted });
  const lines = (await (await download(createRedemptionBatch.downloadUrl)).text()).trim().split('\r\n').slice(1);
  const codes = lines.map((line) => line.split(',')[0]!);
  return { id: createRedemptionBatch.batch.id, url: createRedemptionBatch.downloadUrl, codes };
}

async function newCustomer(): Promise<{ accountId: string; member: AdminClient }> {
  const [row] = await hub.sql.query<{ id: string }>(
    `insert into account (name) values (gen_random_uuid()::text) returning id`,
  );
  return { accountId: row!.id, member: await signInAs(hub, 'member', row!.id) };
}

describe('a batch of codes', () => {
  it('is made, downloaded as a file that spreadsheets cannot run, and redeemed to the unit', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const input = { name: '=cmd|spring', count: 3, amount: '2.5', maxUses: 2, expiresAt };
    const { createRedemptionBatch } = await admin.data(CREATE, { input });
    const { batch, downloadUrl, downloadUntil } = createRedemptionBatch;
    expect(batch).toEqual({
      id: expect.any(String),
      name: '=cmd|spring',
      actor: `user:${admin.userId}`,
      summary: { codes: 3, redeemed: 0, disabled: 0, amount: '2.5', redeemedAmount: '0', maxUses: 2, expiresAt },
    });
    expect(downloadUrl).toMatch(/\/api\/admin\/codes\/[0-9A-Za-z_-]{43}$/);
    expect(downloadUrl.startsWith(`${hub.settings.server.publicUrl}/`)).toBe(true);
    expect(Math.abs(Date.parse(downloadUntil) - Date.now() - 900_000)).toBeLessThan(60_000);

    const answer = await download(downloadUrl);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="codes-${batch.id}.csv"`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const text = await answer.text();
    const lines = text.split('\r\n');
    expect([lines[0], lines.length, lines.at(-1)]).toEqual(['code,amount,expires_at', 5, '']);
    const rows = lines.slice(1, -1).map((line) => line.split(','));
    for (const [code, amount, until] of rows) {
      expect(code).toMatch(CODE);
      expect([amount, until]).toEqual(['2.5', expiresAt]);
    }

    const { accountId, member } = await newCustomer();
    const code = rows[0]![0]!;
    expect((await member.data(REDEEM, { input: { code: code.toLowerCase() } })).redeemCode).toEqual({
      __typename: 'CodeRedeemed',
      added: '2.5',
      balance: { total: '2.5', remaining: '2.5', totalUnits: 2500 },
    });
    expect(await balanceOf(hub.sql, accountId)).toEqual({ available: 2_500n * UNIT, used: 0n, held: 0n });
    const { redemptionBatch } = await viewer.data(
      `query ($id: ID!) { redemptionBatch(id: $id) { summary { redeemed redeemedAmount } } }`,
      { id: batch.id },
    );
    expect(redemptionBatch.summary).toEqual({ redeemed: 1, redeemedAmount: '2.5' });

    expect(await auditRowsOf(hub.sql, 'redemptionBatch', batch.id)).toMatchObject([
      {
        action: 'redemptionBatch.create',
        actor: admin.email,
        after: { name: '=cmd|spring', count: 3, amount: '2500000000' },
      },
      { action: 'redemptionBatch.download', actor: admin.email, address: '127.0.0.1', after: { count: 3 } },
    ]);
    const [redeemed] = await hub.sql.query<{ id: string }>(
      `select id from redemption_code where used = 1 and batch_id = $1`,
      [batch.id],
    );
    expect(await auditRowsOf(hub.sql, 'redemptionCode', redeemed!.id)).toMatchObject([
      { action: 'redemptionCode.redeem', actor: member.email, accountId, after: { amount: '2500000000' } },
    ]);
    // Neither the codes nor the link are written down anywhere.
    const written =
      hub.logText() + JSON.stringify(await hub.sql.query('select before, after, subject_id from audit_log'));
    for (const [each] of rows) expect(written).not.toContain(each!.slice(7));
    expect(written).not.toContain(new URL(downloadUrl).pathname.split('/').at(-1));
  });

  it('cannot be downloaded with another link, or when its time is over; then its codes are gone', async () => {
    const { id, url } = await newBatch();
    const token = url.split('/').at(-1)!;
    const other = token.startsWith('A') ? `B${token.slice(1)}` : `A${token.slice(1)}`;
    for (const wrong of [other, token.slice(1), `${token}A`, '%00', "'--", 'x'.repeat(900)]) {
      const answer = await download(`http://hub/api/admin/codes/${wrong}`);
      expect(answer.status).toBe(404);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
    const sealed = await hub.sql.query<{ sealed: Buffer }>(`select sealed from code_download where batch_id = $1`, [
      id,
    ]);
    expect(sealed[0]!.sealed.toString('latin1')).not.toContain('REDEEM');
    const downloads = hub.app.get(CodeDownloads, { strict: false });
    await downloads.sweep();
    expect((await download(url)).status).toBe(200);
    await hub.sql.query(`update code_download set expires_at = now() where batch_id = $1`, [id]);
    expect((await download(url)).status).toBe(404);
    // The hub sweeps by itself as well.
    await downloads.sweep();
    expect(await hub.sql.query(`select 1 from code_download where batch_id = $1`, [id])).toEqual([]);
    expect((await auditRowsOf(hub.sql, 'redemptionBatch', id)).map(({ action }) => action)).toEqual([
      'redemptionBatch.create',
      'redemptionBatch.download',
      'redemptionBatch.download',
    ]);
  });

  it('of one is not opened by the link of another', async () => {
    const [first, second] = [await newBatch(), await newBatch()];
    await hub.sql.query(
      `update code_download d set sealed = (select sealed from code_download where batch_id = $1) where batch_id = $2`,
      [first.id, second.id],
    );
    expect((await download(second.url)).status).toBe(500);
    expect((await download(first.url)).status).toBe(200);
  });

  // T139.
  it('of 10,000 is made within ten seconds: all different, and stored as hashes only', async () => {
    const start = quietNow();
    const { id, codes } = await newBatch({ count: 10_000, name: 'many' });
    const ms = quietNow() - start;
    expect(ms).toBeLessThan(10_000);
    expect(new Set(codes).size).toBe(10_000);
    for (const code of codes) expect(code).toMatch(CODE);
    const [stored] = await hub.sql.query(
      `select count(distinct code_hmac)::int as hashes, min(length(code_hmac)) as bytes from redemption_code where batch_id = $1`,
      [id],
    );
    expect(stored).toEqual({ hashes: 10_000, bytes: 32 });
    process.stdout.write(`10,000 codes, made and downloaded: ${Math.round(ms)} ms\n`);
  });

  it('leaves the process time for other things while it is made', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await newBatch({ count: 20_000 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(15);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no codes', { count: 0 }, 'count'],
    ['more codes than a batch has', { count: 100_001 }, 'count'],
    ['codes that are worth nothing', { amount: '0' }, 'amount'],
    ['codes that cost something', { amount: '-1' }, 'amount'],
    ['codes for nobody', { maxUses: 0 }, 'maxUses'],
    ['codes that have ended', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    ['no name', { name: '' }, 'name'],
    ['a name that is too long', { name: 'x'.repeat(129) }, 'name'],
  ])('is not made with %s', async (_what, changed, param) => {
    const before = await auditLength(hub.sql);
    const { errors } = await admin.send(CREATE, { input: { name: 'b', count: 1, amount: '1', ...changed } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'invalid_value', param });
    expect(await auditLength(hub.sql)).toBe(before);
  });

  it('is disabled, whole or one code of it, and once', async () => {
    const { id, codes } = await newBatch({ count: 3 });
    const [first] = (await viewer.data(CODES, { filter: { batchId: id } })).redemptionCodes.nodes;
    expect((await admin.data(DISABLE, { input: { codeId: first.id } })).disableCodes).toEqual({
      found: 1,
      disabled: 1,
    });
    expect((await admin.data(DISABLE, { input: { batchId: id } })).disableCodes).toEqual({ found: 3, disabled: 2 });
    const before = await auditLength(hub.sql);
    expect((await admin.data(DISABLE, { input: { batchId: id } })).disableCodes).toEqual({ found: 3, disabled: 0 });
    expect(await auditLength(hub.sql)).toBe(before);
    const { member } = await newCustomer();
    expect((await member.data(REDEEM, { input: { code: codes[0] } })).redeemCode.reason).toBe('DISABLED');
    expect(await admin.code(DISABLE, { input: {} })).toBe('invalid_value');
    expect(await admin.code(DISABLE, { input: { batchId: id, codeId: first.id } })).toBe('invalid_value');
    expect(await admin.code(DISABLE, { input: { batchId: '999999' } })).toBe('not_found');
    expect(await admin.code(DISABLE, { input: { codeId: 'x' } })).toBe('not_found');
  });
});

describe('a code', () => {
  it('is refused for the reason there is', async () => {
    const { codes } = await newBatch({ count: 3, maxUses: 1 });
    const { codes: expired, id } = await newBatch();
    await hub.sql.query(`update redemption_code set expires_at = now() where batch_id = $1`, [id]);
    const [one, two] = [await newCustomer(), await newCustomer()];
    const redeem = async ({ member }: typeof one, code: string) =>
      (await member.data(REDEEM, { input: { code } })).redeemCode;
    expect(await redeem(one, codes[0]!)).toMatchObject({ __typename: 'CodeRedeemed' });
    expect(await redeem(one, codes[0]!)).toMatchObject({ reason: 'ALREADY_REDEEMED', message: expect.any(String) });
    expect(await redeem(two, codes[0]!)).toMatchObject({ reason: 'USED_UP' });
    expect(await redeem(two, expired[0]!)).toMatchObject({ reason: 'EXPIRED' });
    expect(await redeem(two, 'REDEEM-0000-0000')).toMatchObject({ reason: 'UNKNOWN' });
    expect(await redeem(two, 'a\0'.repeat(100))).toMatchObject({ reason: 'UNKNOWN' });
    expect((await balanceOf(hub.sql, two.accountId)).available).toBe(0n);
  });

  it('is redeemed once, however often it is sent at once', async () => {
    const { codes } = await newBatch();
    const { member, accountId } = await newCustomer();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => member.data(REDEEM, { input: { code: codes[0] } })),
    );
    expect(answers.filter(({ redeemCode }) => redeemCode.__typename === 'CodeRedeemed')).toHaveLength(1);
    expect((await balanceOf(hub.sql, accountId)).available).toBe(2_500n * UNIT);
  });

  it('is redeemed by staff for the account they name, and by a customer for the own one only', async () => {
    const { codes } = await newBatch({ count: 2 });
    const [one, two] = [await newCustomer(), await newCustomer()];
    expect(await admin.code(REDEEM, { input: { code: codes[0] } })).toBe('invalid_value');
    expect(await admin.code(REDEEM, { input: { code: codes[0], accountId: '2' } })).toBe('not_found');
    await admin.data(REDEEM, { input: { code: codes[0], accountId: one.accountId } });
    expect((await balanceOf(hub.sql, one.accountId)).available).toBe(2_500n * UNIT);
    expect(await one.member.code(REDEEM, { input: { code: codes[1], accountId: two.accountId } })).toBe('not_found');
    expect(await viewer.code(REDEEM, { input: { code: codes[1], accountId: two.accountId } })).toBe('forbidden');
    expect((await balanceOf(hub.sql, two.accountId)).available).toBe(0n);
  });

  it('cannot be seen, made or disabled by customers, nor made by viewers', async () => {
    const { member } = await newCustomer();
    for (const query of ['{ redemptionBatches { nodes { id } } }', '{ redemptionCodes { nodes { id } } }']) {
      expect(await member.code(query)).toBe('forbidden');
    }
    for (const client of [member, viewer]) {
      expect(await client.code(CREATE, { input: { name: 'b', count: 1, amount: '1' } })).toBe('forbidden');
      expect(await client.code(DISABLE, { input: { batchId: '1' } })).toBe('forbidden');
    }
  });

  // Last: it uses up what this address may try.
  it('can be guessed ten times, together with the public route, and then not for a while', async () => {
    const guesser = await newCustomer();
    const { key } = await hub.createKey({ accountId: guesser.accountId });
    let refused = 0;
    let code: unknown;
    while (refused < 15 && code === undefined) {
      const { data, errors } = await guesser.member.send(REDEEM, { input: { code: 'REDEEM-0000-0000' } });
      code = errors?.[0]?.extensions['code'];
      if (data?.redeemCode?.reason === 'UNKNOWN') refused += 1;
    }
    expect(code).toBe('too_many_attempts');
    expect(refused).toBeLessThanOrEqual(10);
    const answer = await hub.post('/api/user/redemption', { code: 'REDEEM-0000-0000' }, { key });
    expect(answer.status).toBe(429);
  });
});

describe('the lists of codes and batches', () => {
  it('are filtered by batch, state and last characters, and page', async () => {
    const { id, codes } = await newBatch({ count: 5, name: 'listed %' });
    const all = (await viewer.data(CODES, { filter: { batchId: id } })).redemptionCodes.nodes;
    expect(all.map(({ last4 }: { last4: string }) => last4).sort()).toEqual(codes.map((code) => code.slice(-4)).sort());
    const last4 = codes[0]!.slice(-4).toLowerCase();
    const found = (await viewer.data(CODES, { filter: { batchId: id, last4 } })).redemptionCodes.nodes;
    expect(found).toEqual(all.filter((each: { last4: string }) => each.last4.toLowerCase() === last4));
    expect(found[0]).toMatchObject({ state: 'ACTIVE', used: 0, batch: { name: 'listed %' } });
    const state = { batchId: id, state: 'USED_UP' };
    expect((await viewer.data(CODES, { filter: state })).redemptionCodes.nodes).toEqual([]);
    const first = (await viewer.data(CODES, { first: 3, filter: { batchId: id } })).redemptionCodes;
    const rest = (await viewer.data(CODES, { first: 3, filter: { batchId: id }, after: first.pageInfo.endCursor }))
      .redemptionCodes;
    expect([...first.nodes, ...rest.nodes]).toEqual(all);
    expect([first.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false]);
    expect(await viewer.code(CODES, { filter: { last4: "'%_" } })).toBe('invalid_value');
    for (const wanted of ['ACTIVE', 'EXPIRED', 'USED_UP']) {
      const { errors } = await viewer.send(CODES, { filter: { state: wanted } });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'filter_required', param: 'filter.batchId' });
    }
    // Of the thousands of codes that were made here, others may end like that by chance.
    const anywhere = (await viewer.data(CODES, { first: 100, filter: { last4, state: 'ACTIVE' } })).redemptionCodes
      .nodes;
    expect(anywhere).toEqual(expect.arrayContaining(found));
    expect(new Set(anywhere.map((each: { last4: string; state: string }) => `${each.last4} ${each.state}`))).toEqual(
      new Set([`${last4.toUpperCase()} ACTIVE`]),
    );
    await admin.data(DISABLE, { input: { codeId: found[0].id } });
    const [disabled] = (await viewer.data(CODES, { first: 1, filter: { state: 'DISABLED' } })).redemptionCodes.nodes;
    expect(disabled).toEqual({ ...found[0], state: 'DISABLED' });
    const search = `query ($search: String) { redemptionBatches(filter: { search: $search }) { nodes { id } } }`;
    expect((await viewer.data(search, { search: 'listed %' })).redemptionBatches.nodes).toEqual([{ id }]);
    expect((await viewer.data(search, { search: 'listed _' })).redemptionBatches.nodes).toEqual([]);
  });

  it('take few statements, whatever is asked of each row', async () => {
    const batches = `{ redemptionBatches(first: 100) { nodes { name summary { codes redeemed } } } }`;
    expect(await countStatements(hub, () => viewer.data(batches))).toBeLessThanOrEqual(4);
    expect(await countStatements(hub, () => viewer.data(CODES, { first: 100 }))).toBeLessThanOrEqual(4);
  });
});
