import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../../src/users/permission.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { type TestHub } from '../support/hub.js';
import { recordStatements } from '../support/record-statements.js';
import { ask, codeOf, isAlive, MANY_ADDRESSES, SIGN_IN, signInWith } from '../support/sign-in.js';

const CREATE = `mutation ($input: CreateUserInput!) {
  createUser(input: $input) { password user { id email name role accountId accountName version disabledAt } } }`;
const UPDATE = `mutation ($input: UpdateUserInput!) { updateUser(input: $input) {
  __typename ... on User { name role accountId version } ... on VersionConflict { currentVersion message } ... on LastOwner { message } } }`;
const DISABLE = `mutation ($id: ID!) { disableUser(input: { id: $id }) {
  __typename ... on User { disabledAt } ... on LastOwner { message } } }`;
const ENABLE = 'mutation ($id: ID!) { enableUser(input: { id: $id }) { disabledAt } }';
const RESET = 'mutation ($id: ID!) { resetUserPassword(input: { id: $id }) { password endedSessions } }';

let hub: TestHub;
let owner: AdminClient;
beforeAll(async () => {
  hub = await startHub({ env: MANY_ADDRESSES });
  owner = await signInAs(hub, 'owner');
});
afterAll(() => hub.close());

let made = 0;
async function make(as: AdminClient, role: Role, more: object = {}) {
  const email = `made-${++made}@example.test`;
  const { createUser } = await as.data(CREATE, { input: { email, role: role.toUpperCase(), ...more } });
  return {
    email,
    password: createUser.password as string,
    userId: createUser.user.id as string,
    user: createUser.user,
  };
}
const auditOf = (userId: string) =>
  hub.sql.query<{ action: string; actor: string; before: string | null; after: string; account_id: string | null }>(
    `select action, actor, before, after, account_id from audit_log where subject_kind = 'user' and subject_id = $1
        and action like 'user.%' order by seq`,
    [userId],
  );

describe('people', () => {
  it('live from being made to being disabled, all of it in the audit log without a password', async () => {
    const { email, password, userId, user } = await make(owner, 'member', {
      name: ' Ada ',
      accountId: hub.accountId,
    });
    expect(user).toEqual({
      id: userId,
      email,
      name: 'Ada',
      role: 'MEMBER',
      accountId: hub.accountId,
      accountName: 'test',
      version: 1,
      disabledAt: null,
    });
    const token = await signInWith(hub, { email, password });
    const update = { id: userId, version: 1, name: 'Ada L.', role: 'VIEWER', accountId: null };
    expect(await owner.data(UPDATE, { input: update })).toEqual({
      updateUser: { __typename: 'User', name: 'Ada L.', role: 'VIEWER', accountId: null, version: 2 },
    });
    const me = '{ me { role } }';
    expect((await ask(hub, me, {}, { token })).body).toEqual({ data: { me: { role: 'VIEWER' } } });

    const { resetUserPassword: reset } = await owner.data(RESET, { id: userId });
    expect(reset).toEqual({ password: expect.stringMatching(/^.{24}$/), endedSessions: 1 });
    expect(await isAlive(hub, token)).toBe(false);
    const again = await signInWith(hub, { email, password: reset.password });

    expect(await owner.data(DISABLE, { id: userId })).toEqual({
      disableUser: { __typename: 'User', disabledAt: expect.any(String) },
    });
    expect(await isAlive(hub, again)).toBe(false);
    const refused = await ask(hub, SIGN_IN, { input: { email, password: reset.password, keep: 'TOKEN' } });
    expect(codeOf(refused.body)).toBe('invalid_credentials');
    await owner.data(DISABLE, { id: userId });
    expect(await owner.data(ENABLE, { id: userId })).toEqual({ enableUser: { disabledAt: null } });
    // The session that was ended stays ended.
    expect(await isAlive(hub, again)).toBe(false);
    await signInWith(hub, { email, password: reset.password });

    const rows = await auditOf(userId);
    expect(rows.map(({ action }) => action)).toEqual([
      'user.create',
      'user.update',
      'user.resetPassword',
      'user.disable',
      'user.enable',
    ]);
    expect(rows[0]).toMatchObject({ actor: owner.email, account_id: hub.accountId, before: null });
    expect(JSON.parse(rows[1]!.before!)).toMatchObject({ name: 'Ada', role: 'member', version: 1 });
    expect(JSON.parse(rows[1]!.after)).toMatchObject({ name: 'Ada L.', role: 'viewer', accountId: null, version: 2 });
    const text = JSON.stringify(rows);
    expect(text).not.toContain(password);
    expect(text).not.toContain(reset.password);
  });

  it.each([
    ['an e-mail that is none', { email: 'nobody' }, 'invalid_value', 'input.email'],
    ['an e-mail with a NUL', { email: 'a\0@example.test' }, 'invalid_value', 'input.email'],
    ['an e-mail that is too long', { email: `a@${'x'.repeat(260)}` }, 'invalid_value', 'input.email'],
    ['a name that is too long', { name: 'n'.repeat(129) }, 'invalid_value', 'input.name'],
    ['a name with a NUL', { name: 'a\0' }, 'invalid_value', 'input.name'],
    ['no account for a member', { role: 'MEMBER' }, 'account_needed', 'input.accountId'],
    ['an account that there is not', { accountId: '999999999' }, 'account_not_found', 'input.accountId'],
    ['an account of the house', { accountId: '1' }, 'account_not_found', 'input.accountId'],
    ['an account that cannot be one', { accountId: 'x' }, 'not_found', 'input.accountId'],
  ])('are not made with %s', async (_what, wrong, code, param) => {
    const input = { email: `wrong-${++made}@example.test`, role: 'VIEWER', ...wrong };
    const { errors } = await owner.send(CREATE, { input });
    expect(errors?.[0]?.extensions).toMatchObject({ code, param });
  });

  it('have an e-mail of their own, whatever its case, also when two are made at once', async () => {
    const { email } = await make(owner, 'viewer');
    expect(await owner.code(CREATE, { input: { email: email.toUpperCase(), role: 'VIEWER' } })).toBe('email_taken');
    const both = await Promise.all(
      ['same@example.test', 'SAME@example.test'].map((same) =>
        owner.send(CREATE, { input: { email: same, role: 'VIEWER' } }),
      ),
    );
    expect(both.map((answer) => answer.errors?.[0]?.extensions['code'] ?? 'made').sort()).toEqual([
      'email_taken',
      'made',
    ]);
  });

  it('that somebody else has changed meanwhile are not overwritten', async () => {
    const { userId } = await make(owner, 'viewer');
    const results = await Promise.all(
      ['one', 'two', 'three'].map((name) => owner.data(UPDATE, { input: { id: userId, version: 1, name } })),
    );
    const outcomes = results.map(({ updateUser }) => updateUser);
    expect(outcomes.filter(({ __typename }) => __typename === 'User')).toHaveLength(1);
    for (const outcome of outcomes.filter(({ __typename }) => __typename !== 'User')) {
      expect(outcome).toEqual({ __typename: 'VersionConflict', currentVersion: 2, message: expect.any(String) });
    }
    expect(await auditOf(userId)).toHaveLength(2);
  });

  it('who are owners or admins are changed by owners alone', async () => {
    const admin = await signInAs(hub, 'admin');
    const other = await signInAs(hub, 'admin');
    const { userId } = await make(admin, 'operator');
    for (const id of [owner.userId, other.userId]) {
      for (const query of [DISABLE, ENABLE, RESET]) expect(await admin.code(query, { id })).toBe('owners_only');
      expect(await admin.code(UPDATE, { input: { id, version: 1, name: 'x' } })).toBe('owners_only');
    }
    expect(await admin.code(CREATE, { input: { email: 'a@example.test', role: 'ADMIN' } })).toBe('owners_only');
    expect(await admin.code(UPDATE, { input: { id: userId, version: 1, role: 'OWNER' } })).toBe('owners_only');
    expect(await admin.data(DISABLE, { id: userId })).toMatchObject({ disableUser: { __typename: 'User' } });
  });

  it('are neither read nor changed by anybody else', async () => {
    const { userId } = await make(owner, 'viewer');
    for (const role of ['operator', 'viewer', 'member'] as const) {
      const who = await signInAs(hub, role, role === 'member' ? hub.accountId : undefined);
      expect(await who.code('{ users { nodes { id } } }')).toBe('forbidden');
      expect(await who.code('query ($id: ID!) { user(id: $id) { id } }', { id: userId })).toBe('forbidden');
      for (const query of [DISABLE, ENABLE, RESET]) expect(await who.code(query, { id: userId })).toBe('forbidden');
      expect(await who.code(UPDATE, { input: { id: userId, version: 1, name: 'x' } })).toBe('forbidden');
      expect(await who.code(CREATE, { input: { email: 'b@example.test', role: 'VIEWER' } })).toBe('forbidden');
    }
  });

  it('who are not there are not found', async () => {
    for (const id of ['0', '999999999999999999', '-1', '1; drop', '', 'x'.repeat(10_000)]) {
      for (const query of [DISABLE, ENABLE, RESET, 'query ($id: ID!) { user(id: $id) { id } }']) {
        expect(await owner.code(query, { id })).toBe('not_found');
      }
    }
  });
});

describe('the last owner', () => {
  it('is neither disabled nor demoted, also not by two at once', async () => {
    const second = await signInAs(hub, 'owner');
    const versions = await Promise.all([
      owner.data(DISABLE, { id: second.userId }),
      second.send(DISABLE, { id: owner.userId }),
    ]);
    const types = [versions[0].disableUser?.__typename, versions[1].data?.disableUser?.__typename];
    // One of them is disabled; the other one is the last owner, or was asked by somebody who had just been disabled.
    expect(types.filter((type) => type === 'User')).toHaveLength(1);
    const [{ count } = { count: 0 }] = await hub.sql.query<{ count: number }>(
      `select count(*)::integer as count from app_user where role = 'owner' and disabled_at is null`,
    );
    expect(count).toBe(1);
    await hub.sql.query(`update app_user set disabled_at = now() where role = 'owner' and id <> $1`, [owner.userId]);
    await hub.sql.query('update app_user set disabled_at = null where id = $1', [owner.userId]);
    owner = await signInAs(hub, 'owner');
    await hub.sql.query(`update app_user set disabled_at = now() where role = 'owner' and id <> $1`, [owner.userId]);
    expect(await owner.data(DISABLE, { id: owner.userId })).toEqual({
      disableUser: { __typename: 'LastOwner', message: expect.stringContaining('last owner') },
    });
    // The same number to the database, but another text.
    expect(await owner.code(DISABLE, { id: `0${owner.userId}` })).toBe('not_found');
    expect(await owner.data(UPDATE, { input: { id: owner.userId, version: 1, role: 'VIEWER' } })).toMatchObject({
      updateUser: { __typename: 'LastOwner' },
    });
    expect(await owner.data(UPDATE, { input: { id: owner.userId, version: 1, name: 'Still here' } })).toMatchObject({
      updateUser: { __typename: 'User', role: 'OWNER' },
    });
  });
});

describe('the list of people', () => {
  const LIST = `query ($first: Int!, $after: String, $filter: UserFilter, $orderBy: UserOrder!) {
    users(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      nodes { id email name role accountName lastSignInAt hasSecondFactor } pageInfo { hasNextPage endCursor } } }`;
  const list = async (filter: object, orderBy = 'NEWEST', first = 100, after?: string) =>
    (await owner.data(LIST, { first, after, filter, orderBy })).users;

  it('is filtered by role, account, state, and literally by what is searched for', async () => {
    const [account] = await hub.sql.query<{ id: string }>(`insert into account (name) values ('other') returning id`);
    const accountId = account!.id;
    const odd = await make(owner, 'member', { accountId, name: 'Per_cent %' });
    const plain = await make(owner, 'member', { accountId, name: 'Percent' });
    const ids = async (filter: object) => (await list(filter)).nodes.map(({ id }: { id: string }) => id);
    expect(await ids({ accountId })).toEqual([plain.userId, odd.userId]);
    expect(await ids({ accountId, search: 'PER_CENT' })).toEqual([odd.userId]);
    expect(await ids({ accountId, search: '%' })).toEqual([odd.userId]);
    expect(await ids({ search: plain.email.toUpperCase() })).toEqual([plain.userId]);
    expect(await ids({ accountId, role: 'VIEWER' })).toEqual([]);
    await owner.data(DISABLE, { id: odd.userId });
    expect(await ids({ accountId, isDisabled: true })).toEqual([odd.userId]);
    expect(await ids({ accountId, isDisabled: false })).toEqual([plain.userId]);
    expect(await ids({ accountId: 'x' })).toEqual([]);
    expect(await ids({ search: "' or 1=1 --" })).toEqual([]);
    for (const search of ['a\0b', 'x'.repeat(300)]) {
      expect((await owner.send(LIST, { first: 1, orderBy: 'EMAIL', filter: { search } })).errors?.[0]).toMatchObject({
        extensions: { code: 'invalid_value', param: 'filter.search' },
      });
    }
  });

  it.each(['NEWEST', 'EMAIL'])('has pages in the order %s, which show everybody once', async (orderBy) => {
    await hub.sql.query(
      `insert into app_user (email, password_hash, role) select $1 || n || '@page.test', 'none', 'viewer' from generate_series(1, 7) n`,
      [orderBy],
    );
    const all = (await list({}, orderBy)).nodes.map(({ id }: { id: string }) => id);
    expect(all.length).toBeGreaterThan(5);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const { nodes, pageInfo } = await list({}, orderBy, 3, after);
      seen.push(...nodes.map(({ id }: { id: string }) => id));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : undefined;
    } while (after !== undefined);
    expect(seen).toEqual(all);
    expect(new Set(seen).size).toBe(all.length);
    expect(await owner.code(LIST, { first: 3, orderBy, after: 'AAAA' })).toBe('invalid_value');
  });

  it('needs two statements, however long it is', async () => {
    expect(
      await recordStatements(
        hub,
        (text) => /user_session s join|from app_user u left join/.test(text),
        () => list({}),
      ),
    ).toEqual([expect.stringContaining('user_session'), expect.stringContaining('app_user')]);
  });
});
