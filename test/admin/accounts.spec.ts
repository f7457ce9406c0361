import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyAuditLog } from '../../src/audit-log/verify-audit-log.js';
import { encodeCursor } from '../../src/common/keyset-cursor.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { auditLength, auditRowsOf } from '../support/audit-rows.js';
import { countStatements } from '../support/count-statements.js';
import { type TestHub } from '../support/hub.js';
import { quietNow } from '../support/quiet-clock.js';
import { findUnsound } from '../support/sound-books.js';

const CREATE = `mutation ($input: CreateAccountInput!) { createAccount(input: $input) {
  id name status version group { name } limits { requestsPerMinute tokensPerMinute concurrentRequests }
  lowBalanceAlert dailySpendAlert balance { total used remaining held available totalUnits } } }`;
const UPDATE = `mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { __typename
  ... on Account { id name version group { id } limits { requestsPerMinute tokensPerMinute } lowBalanceAlert }
  ... on VersionConflict { message currentVersion } } }`;
const LIST = `query ($first: Int, $after: String, $filter: AccountFilter, $orderBy: AccountOrder) {
  accounts(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    nodes { id name } pageInfo { hasNextPage hasPreviousPage endCursor } } }`;
const change = (name: string) => `mutation ($input: AccountStatusInput!) { ${name}(input: $input) { status version } }`;

let hub: TestHub;
let admin: AdminClient;
let operator: AdminClient;
let viewer: AdminClient;
let member: AdminClient;

beforeAll(async () => {
  hub = await startHub();
  [admin, operator, viewer, member] = await Promise.all([
    signInAs(hub, 'admin'),
    signInAs(hub, 'operator'),
    signInAs(hub, 'viewer'),
    signInAs(hub, 'member', hub.accountId),
  ]);
});
afterAll(async () => {
  expect(await findUnsound(hub.sql)).toEqual([]);
  expect((await verifyAuditLog(hub.sql, hub.app.get(Keyring))).problems).toEqual([]);
  await hub.close();
});

async function newAccount(input: Record<string, unknown>): Promise<string> {
  return (await admin.data(CREATE, { input })).createAccount.id;
}

describe('an account', () => {
  it('is put into a group, and so at other prices, by those alone who may change groups', async () => {
    const { createAccountGroup: group } = await admin.data(
      'mutation { createAccountGroup(input: { name: "half price", multiplier: "0.5" }) { id } }',
    );
    const id = await newAccount({ name: 'pays in full' });
    const move = (version: number, groupId: string) => ({ input: { id, version, groupId } });
    expect(await operator.code(UPDATE, move(1, group.id))).toBe('forbidden');
    expect(await operator.code(CREATE, { input: { name: 'pays half', groupId: group.id } })).toBe('forbidden');
    // The group it is in already is none to be put into.
    expect(await operator.data(UPDATE, move(1, '1'))).toMatchObject({ updateAccount: { group: { id: '1' } } });
    expect(await operator.data(CREATE, { input: { name: 'pays in full too', groupId: '1' } })).toBeDefined();
    expect(await admin.data(UPDATE, move(2, group.id))).toMatchObject({ updateAccount: { group: { id: group.id } } });
    expect(await operator.code(UPDATE, move(3, '1'))).toBe('forbidden');
  });

  it('is made without quota, with its limits and alerts', async () => {
    const input = {
      name: ' Acme ',
      limits: { requestsPerMinute: 60, concurrentRequests: 4 },
      lowBalanceAlert: '1.5',
      dailySpendAlert: '20',
    };
    const { createAccount } = await operator.data(CREATE, { input });
    expect(createAccount).toEqual({
      id: expect.stringMatching(/^\d+$/),
      name: 'Acme',
      status: 'ACTIVE',
      version: 1,
      group: { name: 'default' },
      limits: { requestsPerMinute: 60, tokensPerMinute: null, concurrentRequests: 4 },
      lowBalanceAlert: '1.5',
      dailySpendAlert: '20',
      balance: { total: '0', used: '0', remaining: '0', held: '0', available: '0', totalUnits: 0 },
    });
    expect(await auditRowsOf(hub.sql, 'account', createAccount.id)).toMatchObject([
      {
        action: 'account.create',
        actor: operator.email,
        address: '127.0.0.1',
        accountId: createAccount.id,
        before: null,
        after: { name: 'Acme', status: 'active', lowBalanceAlert: '1500000000', limits: { rpm: 60, tpm: null } },
      },
    ]);
  });

  it('is changed by who saw it last, and keeps what is left out', async () => {
    const id = await newAccount({ name: 'edited', limits: { requestsPerMinute: 5 }, lowBalanceAlert: '7' });
    const limits = { tokensPerMinute: 1000 };
    const first = await admin.data(UPDATE, { input: { id, version: 1, name: 'edited twice', limits } });
    expect(first.updateAccount).toMatchObject({
      __typename: 'Account',
      name: 'edited twice',
      version: 2,
      limits: { requestsPerMinute: 5, tokensPerMinute: 1000 },
      lowBalanceAlert: '7',
    });
    const second = await operator.data(UPDATE, { input: { id, version: 1, lowBalanceAlert: null } });
    expect(second.updateAccount).toEqual({
      __typename: 'VersionConflict',
      message: expect.stringContaining('version 2'),
      currentVersion: 2,
    });
    const third = await operator.data(UPDATE, { input: { id, version: 2, lowBalanceAlert: null } });
    expect(third.updateAccount).toMatchObject({ version: 3, lowBalanceAlert: null });
    expect((await auditRowsOf(hub.sql, 'account', id)).map(({ action }) => action)).toEqual([
      'account.create',
      'account.update',
      'account.update',
    ]);
  });

  // T138.
  it('is changed by one of many who save at the same moment', async () => {
    const id = await newAccount({ name: 'contested' });
    const saved = await Promise.all(
      Array.from({ length: 10 }, (_, at) => admin.data(UPDATE, { input: { id, version: 1, name: `contested ${at}` } })),
    );
    const kinds = saved.map(({ updateAccount }) => updateAccount.__typename);
    expect(kinds.filter((kind) => kind === 'Account')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'VersionConflict')).toHaveLength(9);
  });

  it('is one of many that want the same name at the same moment', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => admin.send(CREATE, { input: { name: 'wanted by all' } })),
    );
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    expect(new Set(answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions['code']) ?? []))).toEqual(
      new Set(['name_taken']),
    );
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['no name', { name: '  ' }, 'invalid_value', 'name'],
    ['a number for a name', { name: '4711' }, 'invalid_value', 'name'],
    ['a NUL in the name', { name: 'a\0b' }, 'invalid_value', 'name'],
    ['half a character in the name', { name: 'a\ud800' }, 'invalid_value', 'name'],
    ['a name that is too long', { name: 'x'.repeat(201) }, 'invalid_value', 'name'],
    ['a name that is taken', { name: 'test' }, 'name_taken', 'name'],
    ['a group that is not there', { name: 'g', groupId: '999999' }, 'not_found', 'groupId'],
    ['a group that is no id', { name: 'g', groupId: '1 or 1=1' }, 'not_found', 'groupId'],
    ['a limit of 0', { name: 'l', limits: { requestsPerMinute: 0 } }, 'invalid_value', 'limits.requestsPerMinute'],
    ['an alert below 0', { name: 'l', lowBalanceAlert: '-1' }, 'invalid_value', 'lowBalanceAlert'],
    ['an alert at 0 a day', { name: 'l', dailySpendAlert: '0' }, 'invalid_value', 'dailySpendAlert'],
  ])('is not made with %s', async (_what, input, code, param) => {
    const { errors } = await admin.send(CREATE, { input });
    expect(errors?.[0]?.extensions).toMatchObject({ code, param });
  });

  // T121: what an account may not be given is not part of its input.
  it.each(['balance', 'creditsPosted', 'status', 'kind', 'id', 'usedQuota', 'version', 'tenantId'])(
    'is not made with the field %s',
    async (field) => {
      const before = await auditLength(hub.sql);
      const { errors, data } = await admin.send(CREATE, { input: { name: 'mass', [field]: '1' } });
      expect(data).toBeUndefined();
      expect(errors?.[0]?.message).toContain(`Field "${field}" is not defined`);
      expect(await auditLength(hub.sql)).toBe(before);
    },
  );

  it('is frozen, unfrozen and closed for a reason, each from the right state only', async () => {
    const id = await newAccount({ name: 'states' });
    const input = { id, reason: 'because of a test' };
    expect(await operator.code(change('unfreezeAccount'), { input })).toBe('account_not_frozen');
    expect(await operator.code(change('freezeAccount'), { input: { id, reason: ' ' } })).toBe('invalid_value');
    expect(await operator.data(change('freezeAccount'), { input })).toEqual({
      freezeAccount: { status: 'FROZEN', version: 2 },
    });
    expect(await operator.code(change('freezeAccount'), { input })).toBe('account_not_active');
    expect(await operator.data(change('unfreezeAccount'), { input })).toEqual({
      unfreezeAccount: { status: 'ACTIVE', version: 3 },
    });
    expect(await operator.data(change('closeAccount'), { input })).toEqual({
      closeAccount: { status: 'CLOSED', version: 4 },
    });
    for (const name of ['freezeAccount', 'unfreezeAccount', 'closeAccount']) {
      expect(await operator.code(change(name), { input })).toBe('account_closed');
    }
    expect(await operator.code(UPDATE, { input: { id, version: 4, name: 'reopened' } })).toBe('account_closed');
    const rows = await auditRowsOf(hub.sql, 'account', id);
    expect(rows.slice(1).map(({ action, reason }) => [action, reason])).toEqual([
      ['account.freeze', 'because of a test'],
      ['account.unfreeze', 'because of a test'],
      ['account.close', 'because of a test'],
    ]);
    const alerts = await hub.sql.query(`select 1 from alert where kind = 'account_unfrozen' and subject = $1`, [
      `account:${id}`,
    ]);
    expect(alerts).toHaveLength(1);
  });

  it('refuses its keys at once when it is frozen, and accepts them when it is not', async () => {
    const id = await newAccount({ name: 'frozen keys' });
    const { key } = await hub.createKey({ accountId: id });
    const ask = async () => (await hub.fetch('/api/user/quota', { key })).status;
    expect(await ask()).toBe(200);
    await operator.data(change('freezeAccount'), { input: { id, reason: 'x' } });
    expect(await ask()).toBe(403);
    await operator.data(change('unfreezeAccount'), { input: { id, reason: 'x' } });
    expect(await ask()).toBe(200);
  });
});

describe('the list of accounts', () => {
  it('pages through all of them once, in each order', async () => {
    for (const name of ['page %', 'page _', 'page \\', 'Page é', 'page z']) await newAccount({ name });
    const filter = { search: 'page ' };
    const seen: Record<string, string[]> = {};
    for (const orderBy of ['NEWEST', 'OLDEST', 'NAME']) {
      const names: string[] = [];
      let after: string | null = null;
      do {
        const { accounts } = await viewer.data(LIST, { first: 2, after, filter, orderBy });
        names.push(...accounts.nodes.map(({ name }: { name: string }) => name));
        expect(accounts.pageInfo.hasPreviousPage).toBe(after !== null);
        after = accounts.pageInfo.hasNextPage ? accounts.pageInfo.endCursor : null;
      } while (after !== null);
      seen[orderBy] = names;
    }
    expect(seen['OLDEST']).toEqual(['page %', 'page _', 'page \\', 'Page é', 'page z']);
    expect(seen['NEWEST']).toEqual([...seen['OLDEST']!].reverse());
    const inOrder = await hub.sql.query<{ name: string }>(
      `select name from account where name ilike 'page %' order by name, id`,
    );
    expect(seen['NAME']).toEqual(inOrder.map(({ name }) => name));
  });

  // T123.
  it.each([
    ['%', ['page %']],
    ['_', ['page _']],
    ['\\', ['page \\']],
    ["' or 1=1 --", []],
    ['PAGE %', ['page %']],
  ])('searches for %j letter for letter', async (search, names) => {
    const { accounts } = await viewer.data(LIST, { filter: { search } });
    expect(accounts.nodes.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  it.each([
    ['a search of a thousand wildcards', { filter: { search: '%_\\'.repeat(1000) } }, 'filter.search'],
    ['a search with a NUL', { filter: { search: 'a\0' } }, 'filter.search'],
    ['a cursor of another list', { after: encodeCursor(['x']) }, 'after'],
    ['a cursor with SQL', { after: encodeCursor(["1'; drop table account"]) }, 'after'],
    ['a cursor with a NUL', { orderBy: 'NAME', after: encodeCursor(['a\0', '1']) }, 'after'],
    ['no rows', { first: 0 }, 'first'],
    ['too many rows', { first: 101 }, 'first'],
  ])('refuses %s by name, within 100 ms', async (_what, variables, param) => {
    const times: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const start = quietNow();
      const { errors } = await viewer.send(LIST, variables);
      times.push(quietNow() - start);
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'invalid_value', param });
    }
    // The quickest: a busy machine may be slow by itself.
    expect(Math.min(...times)).toBeLessThan(100);
  });

  it('refuses objects where text is wanted', async () => {
    const { errors } = await viewer.send(LIST, { filter: { search: { $ne: '' } } });
    expect(errors?.[0]?.extensions['code']).toBe('bad_user_input');
  });

  it('is filtered by status and group', async () => {
    const { createAccountGroup } = await admin.data(
      `mutation { createAccountGroup(input: { name: "filtered" }) { id } }`,
    );
    const id = await newAccount({ name: 'in the group', groupId: createAccountGroup.id });
    const filter = { groupId: createAccountGroup.id, status: 'ACTIVE' };
    expect((await viewer.data(LIST, { filter })).accounts.nodes).toEqual([{ id, name: 'in the group' }]);
    expect((await viewer.data(LIST, { filter: { ...filter, status: 'FROZEN' } })).accounts.nodes).toEqual([]);
  });

  // T140.
  it('with keys, budgets, groups and people of 100 accounts takes at most ten statements', async () => {
    await hub.sql.query(`insert into account (name) select 'many ' || n from generate_series(1, 100) n`);
    await hub.sql.query(
      `insert into api_key (account_id, name, key_hash, last4)
       select a.id, 'k' || n, sha256(convert_to('many ' || a.id || n, 'UTF8')), 'abcd'
         from account a, generate_series(1, 3) n where a.name like 'many %'`,
    );
    await hub.sql.query(
      `insert into key_budget (key_id, period, limit_amount) select id, 'total', 5 from api_key where last4 = 'abcd'`,
    );
    const query = `{ accounts(first: 100, filter: { search: "many " }) { nodes {
      name balance { remaining } group { name accountCount } users { email }
      apiKeys(first: 2) { nodes { name account { id } budgets { limit remaining } } pageInfo { hasNextPage } } } } }`;
    let seen: { name: string; apiKeys: { nodes: { name: string; budgets: unknown[] }[]; pageInfo: unknown } }[] = [];
    const count = await countStatements(hub, async () => {
      seen = (await admin.data(query)).accounts.nodes;
    });
    expect(seen).toHaveLength(100);
    for (const { apiKeys } of seen) {
      expect(apiKeys).toMatchObject({
        nodes: [{ name: 'k3', budgets: [{ limit: '0.000000005' }] }, { name: 'k2' }],
        pageInfo: { hasNextPage: true },
      });
    }
    expect(count).toBeGreaterThan(5);
    expect(count).toBeLessThanOrEqual(10);
  });
});

describe('who may do what with accounts', () => {
  it('is: a customer sees the own account and nothing of others', async () => {
    const foreign = await newAccount({ name: 'foreign' });
    expect((await member.data(LIST, {})).accounts.nodes).toEqual([{ id: hub.accountId, name: 'test' }]);
    expect((await member.data(LIST, { filter: { search: 'foreign' } })).accounts.nodes).toEqual([]);
    const read = `query ($id: ID!) { account(id: $id) { name balance { totalUnits } } }`;
    expect(await member.data(read, { id: hub.accountId })).toEqual({
      account: { name: 'test', balance: { totalUnits: 1_000_000_000 } },
    });
    for (const id of [foreign, '1', '2', '999999', '-1', "1'", '9'.repeat(30), 'null']) {
      expect(await member.code(read, { id })).toBe('not_found');
    }
    expect(await viewer.code(read, { id: '1' })).toBe('not_found');
  });

  it('is: a customer does not see groups and people, and changes nothing', async () => {
    expect(await member.code(`{ accounts { nodes { group { multiplier } } } }`)).toBe('forbidden');
    expect(await member.code(`{ accounts { nodes { users { email } } } }`)).toBe('forbidden');
    expect(await member.code(`{ accountGroups { nodes { name } } }`)).toBe('forbidden');
    const before = await auditLength(hub.sql);
    const input = { id: hub.accountId, reason: 'x' };
    expect(await member.code(CREATE, { input: { name: 'mine' } })).toBe('forbidden');
    expect(await member.code(UPDATE, { input: { id: hub.accountId, version: 1, name: 'mine' } })).toBe('forbidden');
    for (const name of ['freezeAccount', 'unfreezeAccount', 'closeAccount']) {
      expect(await member.code(change(name), { input })).toBe('forbidden');
      expect(await viewer.code(change(name), { input })).toBe('forbidden');
    }
    expect(await auditLength(hub.sql)).toBe(before);
  });

  it('is: an admin sees the people of an account', async () => {
    const { account } = await admin.data(`query ($id: ID!) { account(id: $id) { users { email role isEnabled } } }`, {
      id: hub.accountId,
    });
    expect(account.users).toEqual([{ email: member.email, role: 'MEMBER', isEnabled: true }]);
    expect(await operator.code(`{ accounts { nodes { users { email } } } }`)).toBe('forbidden');
  });
});
