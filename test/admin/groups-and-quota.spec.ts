import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { auditLength, auditRowsOf } from '../support/audit-rows.js';
import { balanceOf, UNIT } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';
import { findUnsound } from '../support/sound-books.js';

const CREATE_GROUP = `mutation ($input: CreateAccountGroupInput!) {
  createAccountGroup(input: $input) { id name multiplier models managedBy version accountCount } }`;
const UPDATE_GROUP = `mutation ($input: UpdateAccountGroupInput!) { updateAccountGroup(input: $input) { __typename
  ... on AccountGroup { name multiplier models version } ... on VersionConflict { currentVersion } } }`;
const DELETE_GROUP = `mutation ($id: ID!) { deleteAccountGroup(input: { id: $id }) { __typename
  ... on AccountGroupDeleted { id } ... on GroupInUse { accounts message } } }`;
const post = (name: string, type: string) => `mutation ($input: ${type}!) { ${name}(input: $input) {
  entryId isNew ref amount account { balance { total used remaining held available remainingUnits } } } }`;
const GRANT = post('grantQuota', 'GrantQuotaInput');
const ADJUST = post('adjustQuota', 'AdjustQuotaInput');
const CHAT = { model: 'gpt-4', messages: [{ role: 'user', content: 'FAKE:{"in":10,"out":5}' }] };

let upstream: FakeUpstream;
let hub: TestHub;
let admin: AdminClient;
let viewer: AdminClient;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({ channels: [{ name: 'main', baseUrl: upstream.url }] });
  [admin, viewer] = await Promise.all([signInAs(hub, 'admin'), signInAs(hub, 'viewer')]);
});
afterAll(async () => {
  expect(await findUnsound(hub.sql)).toEqual([]);
  await hub.close();
  await upstream.close();
});

async function newAccount(groupId?: string): Promise<string> {
  const [row] = await hub.sql.query<{ id: string }>(
    `insert into account (name, group_id) values (gen_random_uuid()::text, $1) returning id`,
    [groupId ?? '1'],
  );
  return row!.id;
}

describe('an account group', () => {
  it('lives from its making to its removal, and counts for the next request at once', async () => {
    const input = { name: 'Resellers', multiplier: '0.800001', models: ['gpt-4'] };
    const { createAccountGroup } = await admin.data(CREATE_GROUP, { input });
    const { id } = createAccountGroup;
    expect(createAccountGroup).toEqual({ ...input, id, managedBy: null, version: 1, accountCount: 0 });

    const accountId = await newAccount(id);
    await admin.data(GRANT, { input: { accountId, amount: '1000', reason: 'x' } });
    const { key } = await hub.createKey({ accountId });
    const ask = () => hub.post('/api/relay/v1/chat/completions', CHAT, { key });
    expect((await ask()).status).toBe(200);
    // 10 prompt and 5 answer tokens: 20 units, times the factor.
    expect((await balanceOf(hub.sql, accountId)).used).toBe((20n * UNIT * 800_001n) / 1_000_000n);

    const update = { id, version: 1, multiplier: '2', models: null };
    const { updateAccountGroup } = await admin.data(UPDATE_GROUP, { input: update });
    expect(updateAccountGroup).toMatchObject({ name: 'Resellers', multiplier: '2', models: null, version: 2 });
    const { used } = await balanceOf(hub.sql, accountId);
    expect((await ask()).status).toBe(200);
    expect((await balanceOf(hub.sql, accountId)).used - used).toBe(40n * UNIT);

    await admin.data(UPDATE_GROUP, { input: { id, version: 2, models: ['another'] } });
    expect((await ask()).status).toBe(404);

    expect((await admin.data(DELETE_GROUP, { id })).deleteAccountGroup).toEqual({
      __typename: 'GroupInUse',
      accounts: 1,
      message: expect.stringContaining('Move them'),
    });
    await hub.sql.query(`update account set group_id = 1 where id = $1`, [accountId]);
    expect((await admin.data(DELETE_GROUP, { id })).deleteAccountGroup).toEqual({
      __typename: 'AccountGroupDeleted',
      id,
    });
    expect(await viewer.code(`query ($id: ID!) { accountGroup(id: $id) { name } }`, { id })).toBe('not_found');
    expect(await auditRowsOf(hub.sql, 'accountGroup', id)).toMatchObject([
      { action: 'accountGroup.create', before: null, after: { multiplier: '0.800001' } },
      { action: 'accountGroup.update', before: { multiplier: '0.800001' }, after: { multiplier: '2', models: null } },
      { action: 'accountGroup.update', after: { models: ['another'] } },
      { action: 'accountGroup.delete', before: { name: 'Resellers' }, after: null },
    ]);
  });

  it('is changed by who saw it last', async () => {
    const { createAccountGroup } = await admin.data(CREATE_GROUP, { input: { name: 'versions' } });
    const { id } = createAccountGroup;
    await admin.data(UPDATE_GROUP, { input: { id, version: 1, multiplier: '1.5' } });
    expect((await admin.data(UPDATE_GROUP, { input: { id, version: 1, multiplier: '3' } })).updateAccountGroup).toEqual(
      {
        __typename: 'VersionConflict',
        currentVersion: 2,
      },
    );
  });

  it.each(['-1', '1000.1', '1e3', '0.0000001', '', '1,5', '٣', ' 1'])('has no multiplier %j', async (multiplier) => {
    const { errors } = await admin.send(CREATE_GROUP, { input: { name: 'factor', multiplier } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'invalid_value', param: 'multiplier' });
  });

  it('has a name of its own', async () => {
    expect(await admin.code(CREATE_GROUP, { input: { name: 'default' } })).toBe('name_taken');
    const { createAccountGroup } = await admin.data(CREATE_GROUP, { input: { name: 'own name' } });
    const input = { id: createAccountGroup.id, version: 1, name: 'default' };
    expect(await admin.code(UPDATE_GROUP, { input })).toBe('name_taken');
    expect(await admin.code(CREATE_GROUP, { input: { name: 'x'.repeat(65) } })).toBe('invalid_value');
    expect(await admin.code(CREATE_GROUP, { input: { name: 'no models', models: [] } })).toBe('invalid_value');
  });

  it('that the configuration file declares is changed there only, and the standard group stays', async () => {
    const [row] = await hub.sql.query<{ id: string }>(
      `insert into account_group (name, managed_by) values ('declared', 'config') returning id`,
    );
    const { id } = row!;
    const { accountGroup } = await admin.data('query ($id: ID!) { accountGroup(id: $id) { managedBy } }', { id });
    expect(accountGroup).toEqual({ managedBy: 'CONFIG' });
    const { errors } = await admin.send(UPDATE_GROUP, { input: { id, version: 1, multiplier: '2' } });
    expect(errors?.[0]?.message).toContain('HUB_CONFIG');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'declared_elsewhere', status: 409 });
    expect(await admin.code(DELETE_GROUP, { id })).toBe('declared_elsewhere');
    expect(await admin.code(DELETE_GROUP, { id: '1' })).toBe('standard_group');
  });

  it('is changed by admins and owners alone', async () => {
    const operator = await signInAs(hub, 'operator');
    for (const client of [operator, viewer]) {
      expect(await client.code(CREATE_GROUP, { input: { name: 'theirs' } })).toBe('forbidden');
      expect(await client.code(DELETE_GROUP, { id: '1' })).toBe('forbidden');
      expect(await client.code(GRANT, { input: { accountId: hub.accountId, amount: '1', reason: 'x' } })).toBe(
        'forbidden',
      );
    }
    const { accountGroups } = await viewer.data(`{ accountGroups(first: 1) { nodes { name multiplier } } }`);
    expect(accountGroups.nodes).toEqual([{ name: 'default', multiplier: '1' }]);
  });
});

describe('quota', () => {
  it('is granted and adjusted to the nano-credit, with an entry and a reason', async () => {
    const accountId = await newAccount();
    const { grantQuota } = await admin.data(GRANT, {
      input: { accountId, amount: '12.000000001', reason: 'paid by invoice 7' },
    });
    expect(grantQuota).toMatchObject({
      isNew: true,
      amount: '12.000000001',
      ref: expect.stringMatching(/^admin:/),
      account: { balance: { total: '12.000000001', used: '0', available: '12.000000001', remainingUnits: 12_000 } },
    });
    const { adjustQuota } = await admin.data(ADJUST, {
      input: { accountId, amount: '-2.000000001', reason: 'typing mistake' },
    });
    expect(adjustQuota).toMatchObject({ amount: '-2.000000001', account: { balance: { remaining: '10' } } });
    const [entry] = await hub.sql.query(`select kind, amount, actor, reason from entry where id = $1`, [
      grantQuota.entryId,
    ]);
    expect(entry).toEqual({
      kind: 'grant',
      amount: '12000000001',
      actor: `user:${admin.userId}`,
      reason: 'paid by invoice 7',
    });
    expect(await auditRowsOf(hub.sql, 'account', accountId)).toMatchObject([
      {
        action: 'quota.grant',
        reason: 'paid by invoice 7',
        before: { remaining: '0' },
        after: { remaining: '12000000001', entryId: grantQuota.entryId },
      },
      { action: 'quota.adjust', before: { remaining: '12000000001' }, after: { remaining: '10000000000' } },
    ]);
  });

  it('is granted once under one name, however often and at once it is sent', async () => {
    const accountId = await newAccount();
    const input = { accountId, amount: '5', ref: 'invoice 8', reason: 'paid' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => admin.data(GRANT, { input })));
    expect(answers.filter(({ grantQuota }) => grantQuota.isNew)).toHaveLength(1);
    expect(new Set(answers.map(({ grantQuota }) => grantQuota.entryId)).size).toBe(1);
    expect((await balanceOf(hub.sql, accountId)).available).toBe(5_000n * UNIT);
    expect(await auditRowsOf(hub.sql, 'account', accountId)).toHaveLength(1);
    const { errors } = await admin.send(GRANT, { input: { ...input, amount: '6' } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'grant_conflict', param: 'ref', status: 409 });
  });

  it('never goes below zero, nor above what an account can hold', async () => {
    const accountId = await newAccount();
    await admin.data(GRANT, { input: { accountId, amount: '3', reason: 'x' } });
    const before = await auditLength(hub.sql);
    const { errors } = await admin.send(ADJUST, { input: { accountId, amount: '-3.000000001', reason: 'x' } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'insufficient_balance', param: 'amount', status: 409 });
    const huge = { accountId, amount: '9223372036.854775807', reason: 'x' };
    expect(await admin.code(GRANT, { input: huge })).toBe('amount_overflow');
    expect(await auditLength(hub.sql)).toBe(before);
    expect((await balanceOf(hub.sql, accountId)).available).toBe(3_000n * UNIT);
  });

  it.each<[string, string, Record<string, unknown>, string]>([
    ['nothing', GRANT, { amount: '0' }, 'invalid_value'],
    ['less than nothing', GRANT, { amount: '-1' }, 'invalid_value'],
    ['a correction of nothing', ADJUST, { amount: '0' }, 'invalid_value'],
    ['no reason', GRANT, { reason: '' }, 'invalid_value'],
    ['a name that is too long', GRANT, { ref: 'x'.repeat(201) }, 'invalid_value'],
    ['a NUL in the name', GRANT, { ref: 'a\0' }, 'invalid_value'],
    ['an account that is not there', GRANT, { accountId: '999999' }, 'not_found'],
    ["the house's account", GRANT, { accountId: '1' }, 'not_found'],
    ['a float', GRANT, { amount: 1.5 }, 'bad_user_input'],
  ])('is not given with %s', async (_what, mutation, changed, code) => {
    const input = { accountId: hub.accountId, amount: '1', reason: 'x', ...changed };
    expect(await admin.code(mutation, { input })).toBe(code);
  });

  it('is not put into a closed account, but what is left there can be taken out', async () => {
    const accountId = await newAccount();
    await admin.data(GRANT, { input: { accountId, amount: '4', reason: 'x' } });
    await hub.sql.query(`update account set status = 'closed' where id = $1`, [accountId]);
    expect(await admin.code(GRANT, { input: { accountId, amount: '1', reason: 'x' } })).toBe('account_closed');
    await admin.data(ADJUST, { input: { accountId, amount: '-4', reason: 'paid back' } });
    expect((await balanceOf(hub.sql, accountId)).available).toBe(0n);
  });
});
