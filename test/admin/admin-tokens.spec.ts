import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminClient, adminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { type TestHub } from '../support/hub.js';
import { isAlive } from '../support/sign-in.js';

const CREATE = `mutation ($input: CreateAdminTokenInput!) {
  createAdminToken(input: $input) { token adminToken { id name last4 permissions } } }`;
const REVOKE = 'mutation ($id: ID!) { revokeAdminToken(input: { id: $id }) { id revokedAt } }';
const LIST = 'query ($userId: ID) { adminTokens(userId: $userId) { nodes { id name lastUsedAt revokedAt } } }';
const DAY_MS = 86_400_000;

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.close());

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

async function makeToken(owner: AdminClient, permissions: readonly string[], days = 30) {
  const { createAdminToken } = await owner.data(CREATE, {
    input: { name: 'nightly', permissions, expiresAt: inDays(days) },
  });
  const { token, adminToken } = createAdminToken;
  return { id: adminToken.id as string, made: adminToken, bearer: adminClient(hub, { ...owner, token }) };
}

describe('admin tokens', () => {
  it('do what they name, and nothing else of what their person may', async () => {
    const owner = await signInAs(hub, 'owner');
    const { bearer, made } = await makeToken(owner, ['self:read', 'audit:read', 'self:read']);
    expect(made).toEqual({
      id: expect.any(String),
      name: 'nightly',
      last4: bearer.token.slice(-4),
      permissions: ['self:read', 'audit:read'],
    });
    expect(await bearer.data('{ me { email permissions } }')).toEqual({
      me: { email: owner.email, permissions: ['self:read', 'audit:read'] },
    });
    expect(await bearer.code('{ users { nodes { id } } }')).toBe('forbidden');
    expect((await owner.data(LIST)).adminTokens.nodes).toMatchObject([{ revokedAt: null }]);
  });

  it('lose what their person loses, and end with them', async () => {
    const owner = await signInAs(hub, 'owner');
    const admin = await signInAs(hub, 'admin');
    const { bearer } = await makeToken(admin, ['self:read', 'users:read']);
    const users = '{ users(first: 1) { nodes { id } } }';
    expect(await bearer.data(users)).toMatchObject({ users: { nodes: [{}] } });
    await owner.data(
      `mutation { updateUser(input: { id: "${admin.userId}", version: 1, role: VIEWER }) { __typename } }`,
    );
    expect(await bearer.code(users)).toBe('forbidden');
    await owner.data(`mutation { disableUser(input: { id: "${admin.userId}" }) { __typename } }`);
    expect(await isAlive(hub, bearer.token)).toBe(false);
  });

  it('are revoked at once, the own ones or, by who may change people, those of others', async () => {
    const owner = await signInAs(hub, 'owner');
    const operator = await signInAs(hub, 'operator');
    const viewer = await signInAs(hub, 'viewer');
    const admin = await signInAs(hub, 'admin');
    const first = await makeToken(operator, ['self:read']);
    expect(await viewer.code(REVOKE, { id: first.id })).toBe('not_found');
    expect(await viewer.code(LIST, { userId: operator.userId })).toBe('forbidden');
    expect(await operator.data(REVOKE, { id: first.id })).toEqual({
      revokeAdminToken: { id: first.id, revokedAt: expect.any(String) },
    });
    expect(await isAlive(hub, first.bearer.token)).toBe(false);
    expect(await operator.code(REVOKE, { id: first.id })).toBe('not_found');
    expect(await operator.code(REVOKE, { id: 'x' })).toBe('not_found');

    const second = await makeToken(operator, ['self:read']);
    expect((await admin.data(LIST, { userId: operator.userId })).adminTokens.nodes).toMatchObject([
      { id: second.id, revokedAt: null },
      { id: first.id, revokedAt: expect.any(String) },
    ]);
    await admin.data(REVOKE, { id: second.id });
    expect(await isAlive(hub, second.bearer.token)).toBe(false);
    const ofOwner = await makeToken(owner, ['self:read']);
    expect(await admin.code(REVOKE, { id: ofOwner.id })).toBe('owners_only');
  });

  it.each([
    ['without a name', { name: ' ' }, 'input.name'],
    ['with an endless name', { name: 'n'.repeat(129) }, 'input.name'],
    ['with a NUL in the name', { name: 'a\0b' }, 'input.name'],
    ['without a permission', { permissions: [] }, 'input.permissions'],
    ['with a permission that there is not', { permissions: ['toString'] }, 'input.permissions'],
    ['with a permission that its person does not have', { permissions: ['users:read'] }, 'input.permissions'],
    ['that is over already', { expiresAt: new Date(0).toISOString() }, 'input.expiresAt'],
    ['for longer than a year', { expiresAt: inDays(367) }, 'input.expiresAt'],
  ])('are not made %s', async (_what, wrong, param) => {
    const viewer = await signInAs(hub, 'viewer');
    const input = { name: 'nightly', permissions: ['self:read'], expiresAt: inDays(1), ...wrong };
    const { errors } = await viewer.send(CREATE, { input });
    expect(errors?.[0]?.extensions).toMatchObject({ status: 400, param });
  });

  it('are at most fifty a person, also when many are made at once', async () => {
    const viewer = await signInAs(hub, 'viewer');
    await hub.sql.query(
      `insert into admin_token (user_id, name, token_hash, last4, permissions, expires_at)
       select $1::bigint, 'old', decode(md5('a' || n::text) || md5(n::text), 'hex'), 'abcd', '{}', now() + interval '1 day'
         from generate_series(1, 48) n`,
      [viewer.userId],
    );
    const input = { name: 'nightly', permissions: ['self:read'], expiresAt: inDays(1) };
    const answers = await Promise.all(Array.from({ length: 4 }, () => viewer.send(CREATE, { input })));
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(2);
    expect(answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions['code']))).toEqual([
      'too_many_tokens',
      'too_many_tokens',
    ]);
  });

  it('make no tokens, and change no passwords, second factors or staff', async () => {
    const owner = await signInAs(hub, 'owner');
    const { bearer } = await makeToken(owner, ['self:read', 'self:write', 'users:read', 'users:write']);
    const viewer = await signInAs(hub, 'viewer');
    const target = `input: { id: "${viewer.userId}" }`;
    for (const mutation of [
      `createAdminToken(input: { name: "n", permissions: ["self:read"], expiresAt: "${inDays(1)}" }) { token }`,
      'changePassword(input: { currentPassword: "a", newPassword: "a good password" }) { endedSessions }',
      'beginSecondFactor(input: { password: "a" }) { secret }',
      'confirmSecondFactor(input: { code: "123456" }) { codes }',
      'removeSecondFactor(input: { password: "a", code: "123456" })',
      'renewRecoveryCodes(input: { password: "a" }) { codes }',
      `resetUserPassword(${target}) { password }`,
      `removeUserSecondFactor(${target}) { id }`,
      `disableUser(${target}) { __typename }`,
      'createUser(input: { email: "more@example.test", role: OWNER }) { password }',
      'signOut',
    ]) {
      expect([mutation, await bearer.code(`mutation { ${mutation} }`)]).toEqual([mutation, 'session_needed']);
    }
    // Customers are what automation is for.
    const member = { email: 'customer@example.test', role: 'MEMBER', accountId: hub.accountId };
    await bearer.data('mutation ($input: CreateUserInput!) { createUser(input: $input) { password } }', {
      input: member,
    });
  });

  it('leave no secret in the audit log', async () => {
    const owner = await signInAs(hub, 'owner');
    const { id, bearer } = await makeToken(owner, ['self:read']);
    await owner.data(REVOKE, { id });
    const rows = await hub.sql.query<{ action: string; after: string; text: string }>(
      `select action, after, audit_log::text as text from audit_log where subject_kind = 'adminToken' and subject_id = $1
        order by seq`,
      [id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['adminToken.create', 'adminToken.revoke']);
    expect(JSON.parse(rows[0]!.after)).toMatchObject({ name: 'nightly', permissions: ['self:read'], revokedAt: null });
    expect(rows.map(({ text }) => text).join(' ')).not.toContain(bearer.token.slice(8, 30));
  });
});
