import { randomBytes } from 'node:crypto';
import { Database } from '../../src/database/database.js';
import { AttemptThrottles } from '../../src/limits/attempt-throttle.js';
import { HitStore } from '../../src/limits/hit-store.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { disablePerson, isOtherOwnerLeft } from '../../src/users/change-people.js';
import { createUser } from '../../src/users/create-user.js';
import { Identify } from '../../src/users/identify.js';
import { hashPassword } from '../../src/users/password.js';
import { PasswordWork } from '../../src/users/password-work.js';
import { setPassword } from '../../src/users/reset-password.js';
import { SecondFactor } from '../../src/users/second-factor.js';
import { SessionSweeper } from '../../src/users/session-sweeper.js';
import { SECOND_FACTOR_NEEDED, SignIn } from '../../src/users/sign-in.js';
import { SignInThrottle } from '../../src/users/sign-in-throttle.js';
import { startSession } from '../../src/users/start-session.js';
import { totpCode, totpStepOf } from '../../src/users/totp.js';
import { TotpSecrets } from '../../src/users/totp-secrets.js';
import { openMemoryDatabase } from '../support/database.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';

const PASSWORD = 'a good password';
const MINUTE_MS = 60_000;

describe('sign-in on the embedded database', () => describeSignIn(openMemoryDatabase));

describeWithPostgres('sign-in on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  describeSignIn(() => Database.open({ url: server.url, dataDir: '', poolMax: 10, ledgerPoolMax: 4, adminPoolMax: 4 }));
});

function describeSignIn(open: () => Promise<Database>): void {
  let database: Database;
  let keyring: Keyring;
  let cipher: CredentialCipher;
  let secrets: TotpSecrets;
  let factor: SecondFactor;
  let hash: string;
  let nowMs = 0;
  let people = 0;

  beforeAll(async () => {
    database = await open();
    keyring = await Keyring.open(database.sql, randomBytes(32));
    cipher = new CredentialCipher(keyring);
    secrets = new TotpSecrets(database.sql, cipher);
    factor = new SecondFactor(secrets, keyring);
    hash = await hashPassword(PASSWORD);
  });
  afterAll(() => database.close());

  /** An instance of the hub that counts alone. */
  const newSignIn = (passwords = new PasswordWork()) => {
    const throttles = new AttemptThrottles(new HitStore(undefined, () => nowMs));
    const throttle = new SignInThrottle(database.adminSql, throttles);
    return new SignIn(database.adminSql, keyring, passwords, factor, throttle);
  };
  const makePerson = async (role: 'owner' | 'viewer' = 'viewer') => {
    const email = `person-${++people}@example.test`;
    return { email, id: await createUser(database.sql, { email, passwordHash: hash, role }) };
  };
  const origin = (address: string) => ({ address, userAgent: 'test', requestId: 'r' });
  const outcomeOf = (attempt: Promise<unknown>): Promise<string> =>
    attempt.then(
      (value) => (value === SECOND_FACTOR_NEEDED ? 'needed' : 'in'),
      (error: { code?: string }) => error.code ?? 'broken',
    );
  const count = (outcomes: readonly string[]) =>
    Object.fromEntries([...Map.groupBy(outcomes, (each) => each)].map(([name, all]) => [name, all.length]));

  it('lets one of many in that come with the same code at several instances', async () => {
    const { email, id } = await makePerson();
    const secret = await database.sql.transaction((session) => factor.begin(session, id));
    // The code of the step that comes counts already, and still does when that step has begun.
    const step = totpStepOf(Date.now());
    const codes = await database.sql.transaction((session) => factor.confirm(session, id, totpCode(secret, step)));
    for (const used of [totpCode(secret, step + 1), codes[0]]) {
      // From many addresses, so that they do not take turns, on instances that do not know of each other.
      const attempts = Array.from({ length: 8 }, (_, n) =>
        outcomeOf(newSignIn().signIn({ email, password: PASSWORD, code: used }, origin(`198.51.100.${n}`))),
      );
      expect(count(await Promise.all(attempts))).toEqual({ in: 1, invalid_credentials: 7 });
    }
  });

  it('refuses a password that was changed, and a person who was disabled, while it was being checked', async () => {
    const other = await hashPassword('another password');
    for (const change of [
      (id: string) => setPassword(database.sql, id, other),
      (id: string) => disablePerson(database.sql, id),
    ]) {
      const { email, id } = await makePerson();
      const passwords = new PasswordWork();
      // Between the check and the transaction.
      passwords.verify = async (...args) => {
        const isRight = await new PasswordWork().verify(...args);
        await change(id);
        return isRight;
      };
      const slow = newSignIn(passwords);
      expect(await outcomeOf(slow.signIn({ email, password: PASSWORD }, origin('198.51.100.9')))).toBe(
        'invalid_credentials',
      );
      expect(await database.sql.query('select 1 from user_session where user_id = $1', [id])).toEqual([]);
    }
  });

  // T126: nobody can lock somebody else out for ever, and nobody can guess for long.
  it('slows many addresses down together, and lets them go on after a while', async () => {
    const signIn = newSignIn();
    const { email } = await makePerson('owner');
    const guess = (n: number) => outcomeOf(signIn.signIn({ email, password: 'wrong' }, origin(`203.0.113.${n}`)));
    const outcomes: string[] = [];
    for (let n = 0; n < 55; n++) outcomes.push(await guess(n));
    expect(count(outcomes)).toEqual({ invalid_credentials: 50, too_many_attempts: 5 });
    expect(outcomes.slice(50)).toEqual(Array(5).fill('too_many_attempts'));
    nowMs += 16 * MINUTE_MS;
    expect(await outcomeOf(signIn.signIn({ email, password: PASSWORD }, origin('203.0.113.1')))).toBe('in');
  });

  it('counts an IPv6 address by its /64, and knows one by it', async () => {
    const signIn = newSignIn();
    const { email } = await makePerson();
    const attempt = (password: string, address: string) =>
      outcomeOf(signIn.signIn({ email, password }, origin(address)));
    for (let n = 0; n < 5; n++) expect(await attempt('wrong', `2001:db8:0:1::${n}`)).toBe('invalid_credentials');
    expect(await attempt(PASSWORD, '2001:db8:0:1::ffff')).toBe('too_many_attempts');
    expect(await attempt(PASSWORD, '2001:db8:0:2::1')).toBe('in');
    for (let n = 0; n < 45; n++) await attempt('wrong', `198.51.100.${n}`);
    expect(await attempt(PASSWORD, '2001:db8:0:3::1')).toBe('too_many_attempts');
    expect(await attempt(PASSWORD, '2001:db8:0:2::2')).toBe('in');
  });

  it('treats an e-mail that nobody has like any other', async () => {
    const signIn = newSignIn();
    const attempt = (n: number) =>
      outcomeOf(signIn.signIn({ email: 'Nobody@example.test', password: PASSWORD }, origin(`192.0.2.${n}`)));
    for (let n = 0; n < 5; n++) expect(await attempt(1)).toBe('invalid_credentials');
    expect(await attempt(1)).toBe('too_many_attempts');
    for (let n = 0; n < 45; n++) expect(await attempt(100 + n)).toBe('invalid_credentials');
    expect(await attempt(99)).toBe('too_many_attempts');
  });

  it('keeps one owner, also when all of them disable each other at once', async () => {
    await database.sql.query(`update app_user set role = 'viewer' where role = 'owner'`);
    const owners = await Promise.all(Array.from({ length: 4 }, () => makePerson('owner')));
    const disable = ({ id }: { id: string }) =>
      database.adminSql.transaction(async (session) => {
        if (await isOtherOwnerLeft(session, id)) await disablePerson(session, id);
      });
    await Promise.all(owners.map(disable));
    expect(
      await database.sql.query(`select id from app_user where role = 'owner' and disabled_at is null`),
    ).toHaveLength(1);
  });

  it('seals the secrets of second factors anew, which stay what they were', async () => {
    const { id } = await makePerson();
    const secret = await database.sql.transaction((session) => factor.begin(session, id));
    await keyring.rotateCredentialKey();
    expect(await secrets.reseal()).toBeGreaterThan(0);
    expect(await secrets.reseal()).toBe(0);
    const [row] = await database.sql.query<{ sealed: Buffer }>(
      'select totp_secret as sealed from app_user where id = $1',
      [id],
    );
    expect(cipher.isOutdated(row!.sealed)).toBe(false);
    const code = totpCode(secret, totpStepOf(Date.now()));
    expect(await database.sql.transaction((session) => secrets.useCode(session, id, code, Date.now()))).toBe(true);
    // Bytes of somebody else do not open.
    const { id: other } = await makePerson();
    await database.sql.query('update app_user set totp_secret = $2 where id = $1', [other, row!.sealed]);
    await expect(
      database.sql.transaction((session) => secrets.useCode(session, other, code, Date.now())),
    ).rejects.toThrow('do not open');
    await database.sql.query('update app_user set totp_secret = null where id = $1', [other]);
  });

  it('deletes sessions that have been over for a month, in batches, and no others', async () => {
    const { id } = await makePerson();
    const old = `insert into user_session (user_id, token_hash, address, created_at, expires_at, ended_at)
      select $1, decode(md5('s' || $1::text || n) || md5('t' || n), 'hex'), '', now() - interval '32 days',
             now() - interval '31 days', case when n % 2 = 0 then now() - interval '31 days 6 hours' end
        from generate_series(1, 1203) n`;
    await database.sql.query(old.replaceAll('$1', id));
    const { token } = await startSession(database.sql, keyring, id, origin('::1'));
    const kept = await startSession(database.sql, keyring, id, origin('::1'));
    await database.sql.query(`update user_session set expires_at = now() - interval '29 days' where id = $1`, [
      kept.id,
    ]);
    const sweeper = new SessionSweeper(database.sql);
    expect(await sweeper.sweep()).toBe(1203);
    expect(await sweeper.sweep()).toBe(0);
    expect(await new Identify(database.adminSql, keyring).byToken(token)).toMatchObject({ userId: id });
    expect(await database.sql.query('select id from user_session where id = $1', [kept.id])).toHaveLength(1);
  });

  it('takes a session for over after two hours of silence, after its end and when it was ended', async () => {
    const { id } = await makePerson();
    const identify = new Identify(database.adminSql, keyring);
    for (const change of [
      `last_seen_at = now() - interval '121 minutes'`,
      `expires_at = now() - interval '1 second'`,
      'ended_at = now()',
    ]) {
      const { id: sessionId, token } = await startSession(database.sql, keyring, id, origin('::1'));
      expect(await identify.byToken(token)).toMatchObject({ userId: id });
      await database.sql.query(`update user_session set ${change} where id = $1`, [sessionId]);
      expect(await identify.byToken(token)).toBeUndefined();
    }
  });
}
