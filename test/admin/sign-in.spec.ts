import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyPassword } from '../../src/users/password.js';
import { adminClient, postGraphql, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { type TestHub } from '../support/hub.js';
import {
  ask,
  codeOf,
  MANY_ADDRESSES,
  makeSomebody,
  newAddress,
  SIGN_IN,
  type Somebody,
  signInWith,
} from '../support/sign-in.js';

const ME = '{ me { id } }';
const OLD_HASH = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub({ env: MANY_ADDRESSES });
});
afterAll(() => hub.close());

const trySignIn = ({ email, password }: { email: string; password: string }, address?: string) =>
  ask(hub, SIGN_IN, { input: { keep: 'TOKEN', email, password } }, { address });
const client = ({ userId, email }: Somebody, token: string) => adminClient(hub, { userId, email, token });
const auditOf = (action: string, userId: string) =>
  hub.sql.query<{ actor_kind: string; actor: string; address: string; before: string | null; after: string | null }>(
    `select actor_kind, actor, address, before, after from audit_log where action = $1 and subject_id = $2 order by seq`,
    [action, userId],
  );

describe('signing in', () => {
  it('gives a token and says who one is, whatever the case of the e-mail', async () => {
    const person = await makeSomebody(hub, 'operator');
    const { email, password } = person;
    const { body, cookie } = await trySignIn({ email: email.toUpperCase(), password });
    expect(body).toEqual({
      data: {
        signIn: {
          token: expect.stringMatching(/^hub_ses_/),
          expiresAt: expect.any(String),
          me: { id: person.userId, email, role: 'OPERATOR' },
        },
      },
    });
    expect(cookie).toBeNull();
    expect(await client(person, body.data.signIn.token).data(ME)).toEqual({ me: { id: person.userId } });
  });

  it('puts the session into a cookie that no script can read, and nothing into the answer', async () => {
    const { email, password } = await makeSomebody(hub, 'viewer');
    const { body, cookie } = await ask(hub, SIGN_IN, { input: { email, password, keep: 'COOKIE' } });
    expect(body.data.signIn.token).toBeNull();
    expect(cookie).toMatch(/^hub_session=hub_ses_[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    const headers = { cookie: cookie!.split(';')[0]!, 'x-hub-csrf': '1' };
    expect((await ask(hub, '{ me { email } }', {}, { headers })).body).toEqual({ data: { me: { email } } });
    const out = await ask(hub, 'mutation { signOut }', {}, { headers });
    expect(out).toMatchObject({ body: { data: { signOut: true } }, cookie: expect.stringContaining('Max-Age=0') });
    expect(codeOf((await ask(hub, ME, {}, { headers })).body)).toBe('sign_in_needed');
  });

  it('refuses unknown e-mails, wrong passwords and disabled people in the same words', async () => {
    const disabled = await makeSomebody(hub, 'admin');
    await hub.sql.query('update app_user set disabled_at = now() where id = $1', [disabled.userId]);
    const known = await makeSomebody(hub, 'admin');
    const answers = await Promise.all([
      trySignIn({ email: 'nobody@example.test', password: 'a good password' }),
      trySignIn({ email: known.email, password: 'another password' }),
      trySignIn({ email: known.email, password: '' }),
      trySignIn({ email: known.email, password: 'x'.repeat(100_000) }),
      trySignIn({ email: '', password: known.password }),
      trySignIn({ email: `a\0b@${'x'.repeat(5000)}`, password: known.password }),
      trySignIn({ email: disabled.email, password: disabled.password }),
    ]);
    for (const { status, body } of answers) {
      const { requestId: _requestId, ...extensions } = body.errors?.[0]?.extensions ?? {};
      expect({ status, message: body.errors?.[0]?.message, extensions }).toEqual({
        status: 200,
        message: 'The e-mail, the password or the code is wrong.',
        extensions: { code: 'invalid_credentials', status: 401 },
      });
    }
  });

  it('takes about as long for an e-mail that nobody has', async () => {
    const { email } = await makeSomebody(hub, 'admin');
    // By the processor's time, threads included: how long others keep us from it is no property of the sign-in.
    const timeOf = async (wanted: string): Promise<number> => {
      const begun = process.cpuUsage();
      await trySignIn({ email: wanted, password: 'a wrong password' });
      const { user, system } = process.cpuUsage(begun);
      return user + system;
    };
    const times: [known: number, unknown: number][] = [];
    for (let n = 0; n < 9; n++) times.push([await timeOf(email), await timeOf(`nobody-${n}@example.test`)]);
    const [known, unknown] = [0, 1].map((which) => times.map((pair) => pair[which]!).sort((a, b) => a - b)[4]!) as [
      number,
      number,
    ];
    // Without the dummy hash, an unknown e-mail takes a tenth.
    expect(unknown / known).toBeGreaterThan(0.4);
    expect(unknown / known).toBeLessThan(2.5);
  });

  it('is written down: who, from where, and of failures no password and only a part of the e-mail', async () => {
    const { email, password, userId } = await makeSomebody(hub, 'viewer');
    const address = newAddress();
    await trySignIn({ email, password: 'tried-this-one' }, address);
    await trySignIn({ email, password }, address);
    const token = await signInWith(hub, { email, password }, { address });
    await ask(hub, 'mutation { signOut }', {}, { token, address });
    const [failed] = await auditOf('signIn.failed', userId);
    expect(failed).toEqual({
      actor_kind: 'nobody',
      actor: '',
      address,
      before: null,
      after: '{"email":"S***@example.test","wrong":"password"}',
    });
    const succeeded = await auditOf('signIn.succeeded', userId);
    expect(succeeded).toHaveLength(2);
    expect(succeeded[0]).toMatchObject({ actor_kind: 'session', actor: email, address });
    expect(await auditOf('signOut', userId)).toHaveLength(1);
    const [{ text } = { text: '' }] = await hub.sql.query<{ text: string }>(
      `select string_agg(audit_log::text, ' ') as text from audit_log`,
    );
    expect(text).not.toContain('tried-this-one');
    expect(text).not.toContain(password);
    expect(text).not.toMatch(/hub_ses_[\w-]{10}/);
  });

  it('replaces a hash that was made in another way', async () => {
    const { email, userId } = await makeSomebody(hub, 'viewer');
    await hub.sql.query('update app_user set password_hash = $2 where id = $1', [userId, OLD_HASH]);
    await signInWith(hub, { email, password: 'password' });
    const [row] = await hub.sql.query<{ hash: string }>('select password_hash as hash from app_user where id = $1', [
      userId,
    ]);
    expect(row?.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword('password', row!.hash)).toBe(true);
    await signInWith(hub, { email, password: 'password' });
  });
});

describe('guessing (T126)', () => {
  it('stops after five failures of one address at one person, and others go on', async () => {
    const person = await makeSomebody(hub, 'owner');
    const address = newAddress();
    const guess = () => trySignIn({ email: person.email, password: 'wrong' }, address);
    const codes: unknown[] = [];
    for (let n = 0; n < 7; n++) codes.push(codeOf((await guess()).body));
    expect(codes).toEqual([...Array(5).fill('invalid_credentials'), 'too_many_attempts', 'too_many_attempts']);
    // Not even with the right password, or one could still guess.
    const right = await trySignIn({ email: person.email, password: person.password }, address);
    expect(right.body.errors?.[0]?.extensions).toMatchObject({
      code: 'too_many_attempts',
      status: 429,
      retryAfterSeconds: expect.any(Number),
    });
    await signInWith(hub, person);
  });

  it('counts guesses that are sent all at once', async () => {
    const { email } = await makeSomebody(hub, 'owner');
    const address = newAddress();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => trySignIn({ email, password: `wrong ${n}` }, address)),
    );
    expect(answers.filter(({ body }) => codeOf(body) === 'invalid_credentials')).toHaveLength(5);
    expect(answers.filter(({ body }) => codeOf(body) === 'too_many_attempts')).toHaveLength(5);
  });

  it('stops one address that tries many people', async () => {
    const address = newAddress();
    const codes: unknown[] = [];
    for (let n = 0; n < 12; n++) {
      codes.push(codeOf((await trySignIn({ email: `one-of-many-${n}@example.test`, password: 'x' }, address)).body));
    }
    expect(codes).toEqual([...Array(10).fill('invalid_credentials'), 'too_many_requests', 'too_many_requests']);
  });

  it('stops many addresses at one person, but nobody can lock a person out where they have signed in before', async () => {
    const person = await makeSomebody(hub, 'owner');
    const home = newAddress();
    await signInWith(hub, person, { address: home });
    const guesses = await inBatches(60, 4, () => trySignIn({ email: person.email, password: 'wrong' }));
    const refused = guesses.filter(({ body }) => codeOf(body) === 'too_many_attempts');
    expect(refused.length).toBeGreaterThanOrEqual(6);
    expect(guesses.length - refused.length).toBeGreaterThanOrEqual(50);
    expect(codeOf((await trySignIn(person)).body)).toBe('too_many_attempts');
    // At home nobody is locked out.
    await signInWith(hub, person, { address: home });
    // And nowhere, with a password that was generated just now: it cannot be guessed.
    const owner = await signInAs(hub, 'owner');
    const reset = await owner.data('mutation ($id: ID!) { resetUserPassword(input: { id: $id }) { password } }', {
      id: person.userId,
    });
    await signInWith(hub, { ...person, password: reset.resetUserPassword.password });
  });

  it('gains nothing by aliases or fragments', async () => {
    const { email, password } = await makeSomebody(hub, 'owner');
    const input = `input: { email: "${email}", password: "${password}", keep: TOKEN }`;
    const many = Array.from({ length: 20 }, (_, n) => `a${n}: signIn(${input}) { __typename }`).join(' ');
    for (const document of [
      `mutation { ${many} }`,
      `mutation { signIn(${input}) { __typename } ...F } fragment F on Mutation { b: signIn(${input}) { __typename } }`,
    ]) {
      const { body } = await ask(hub, document);
      expect(codeOf(body)).toBe('one_at_a_time');
    }
    expect(
      await hub.sql.query(`select 1 from user_session s join app_user u on u.id = s.user_id where u.email = $1`, [
        email,
      ]),
    ).toEqual([]);
  });
});

describe('sessions (T125)', () => {
  const threeSessions = async (person: Somebody) => {
    const tokens = [await signInWith(hub, person), await signInWith(hub, person), await signInWith(hub, person)];
    return tokens as [string, string, string];
  };
  const areAlive = (tokens: readonly string[]) =>
    Promise.all(tokens.map(async (token) => (await postGraphql(hub.url, { query: ME }, token)).data?.me != null));

  it('end with a new password, but for the one in which it was chosen', async () => {
    const person = await makeSomebody(hub, 'admin');
    const tokens = await threeSessions(person);
    const change = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { endedSessions remainingTokens } }`;
    const me = client(person, tokens[1]);
    const input = { currentPassword: person.password, newPassword: 'quite another one' };
    expect(await me.code(change, { input: { ...input, currentPassword: 'wrong' } })).toBe('wrong_password');
    expect(await me.code(change, { input: { ...input, newPassword: 'short' } })).toBe('password_too_short');
    expect(await me.code(change, { input: { ...input, newPassword: person.email.toLowerCase() } })).toBe(
      'password_is_email',
    );
    expect(await areAlive(tokens)).toEqual([true, true, true]);
    expect(await me.data(change, { input })).toEqual({ changePassword: { endedSessions: 2, remainingTokens: 0 } });
    expect(await areAlive(tokens)).toEqual([false, true, false]);
    expect(codeOf((await trySignIn(person)).body)).toBe('invalid_credentials');
    await signInWith(hub, { ...person, password: 'quite another one' });
    expect(await auditOf('user.changePassword', person.userId)).toMatchObject([{ after: '{"endedSessions":2}' }]);
  });

  it('slow guessing of the password in a session that was left open', async () => {
    const person = await makeSomebody(hub, 'admin');
    const me = client(person, await signInWith(hub, person));
    const change = (currentPassword: string) =>
      me.code('mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { endedSessions } }', {
        input: { currentPassword, newPassword: 'quite another one' },
      });
    for (let n = 0; n < 5; n++) expect(await change(`guess ${n}`)).toBe('wrong_password');
    expect(await change(person.password)).toBe('too_many_attempts');
  });

  it('can be seen and ended one by one, and all at once', async () => {
    const person = await makeSomebody(hub, 'viewer');
    const tokens = await threeSessions(person);
    const me = client(person, tokens[2]);
    const list = `query ($after: String) { sessions(first: 2, after: $after) {
      nodes { id isCurrent userId address } pageInfo { hasNextPage endCursor } } }`;
    const { sessions } = await me.data(list);
    expect(sessions.nodes).toMatchObject([{ isCurrent: true, userId: person.userId }, { isCurrent: false }]);
    expect(sessions.pageInfo.hasNextPage).toBe(true);
    const next = await me.data(list, { after: sessions.pageInfo.endCursor });
    expect(next.sessions).toMatchObject({ nodes: [{ isCurrent: false }], pageInfo: { hasNextPage: false } });

    const end = 'mutation ($id: ID!) { endSession(input: { id: $id }) { count } }';
    expect(await me.data(end, { id: next.sessions.nodes[0].id })).toEqual({ endSession: { count: 1 } });
    expect(await areAlive(tokens)).toEqual([false, true, true]);
    expect(await me.code(end, { id: next.sessions.nodes[0].id })).toBe('not_found');
    expect(await me.code(end, { id: 'x' })).toBe('not_found');

    const endAll = 'mutation ($but: Boolean!) { endAllSessions(input: { exceptCurrent: $but }) { count } }';
    expect(await me.data(endAll, { but: true })).toEqual({ endAllSessions: { count: 1 } });
    expect(await areAlive(tokens)).toEqual([false, false, true]);
    expect(await me.data(endAll, { but: false })).toEqual({ endAllSessions: { count: 1 } });
    expect(await areAlive(tokens)).toEqual([false, false, false]);
  });

  it('of others are for those who may read people', async () => {
    const person = await makeSomebody(hub, 'operator');
    const [token] = await threeSessions(person);
    const viewer = await signInAs(hub, 'viewer');
    const admin = await signInAs(hub, 'admin');
    const list = 'query ($userId: ID) { sessions(userId: $userId) { nodes { id } } }';
    expect(await viewer.code(list, { userId: person.userId })).toBe('forbidden');
    const { sessions } = await admin.data(list, { userId: person.userId });
    expect(sessions.nodes).toHaveLength(3);
    const end = 'mutation ($id: ID!) { endSession(input: { id: $id }) { count } }';
    expect(await viewer.code(end, { id: sessions.nodes[2].id })).toBe('not_found');
    expect(await admin.data(end, { id: sessions.nodes[2].id })).toEqual({ endSession: { count: 1 } });
    expect(await areAlive([token])).toEqual([false]);
    const owner = await signInAs(hub, 'owner');
    const { sessions: ofOwner } = await owner.data(list);
    expect(await admin.code(end, { id: ofOwner.nodes[0].id })).toBe('owners_only');
    const endAll = 'mutation ($userId: ID) { endAllSessions(input: { userId: $userId }) { count } }';
    expect(await viewer.code(endAll, { userId: person.userId })).toBe('not_found');
    expect(await admin.data(endAll, { userId: person.userId })).toEqual({ endAllSessions: { count: 2 } });
  });
});

/** Runs so many calls, a few at a time. */
async function inBatches<Result>(count: number, atOnce: number, call: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  while (results.length < count) {
    results.push(...(await Promise.all(Array.from({ length: Math.min(atOnce, count - results.length) }, call))));
  }
  return results;
}
