import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { totpCode, totpStepOf } from '../../src/users/totp.js';
import { type AdminClient, adminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { fromBase32 } from '../support/base32.js';
import { type TestHub } from '../support/hub.js';
import {
  ask,
  codeOf,
  isAlive,
  MANY_ADDRESSES,
  makeSomebody,
  SIGN_IN,
  type Somebody,
  signInWith,
} from '../support/sign-in.js';
import { until } from '../support/until.js';

const BEGIN = 'mutation ($password: String!) { beginSecondFactor(input: { password: $password }) { secret uri } }';
const CONFIRM = 'mutation ($code: String!) { confirmSecondFactor(input: { code: $code }) { codes } }';
const REMOVE = 'mutation ($input: RemoveSecondFactorInput!) { removeSecondFactor(input: $input) }';
const RENEW = 'mutation ($password: String!) { renewRecoveryCodes(input: { password: $password }) { codes } }';
const STATE = '{ me { secondFactor { isOn recoveryCodesLeft } } }';

/** More than a request takes, also on a busy machine. */
const ARRIVES_MS = 3_000;

interface Secured extends Somebody {
  readonly me: AdminClient;
  readonly secret: Buffer;
  readonly codes: readonly string[];
  /** A code that was not used, of this step or another. */
  codeOf(stepsAhead: number): string;
}

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub({ env: MANY_ADDRESSES });
});
afterAll(() => hub.close());

/** Somebody with a second factor, which was confirmed with a code of the step before. */
async function makeSecured(): Promise<Secured> {
  const person = await makeSomebody(hub, 'admin');
  const token = await signInWith(hub, person);
  const me = adminClient(hub, { userId: person.userId, email: person.email, token });
  const { beginSecondFactor } = await me.data(BEGIN, { password: person.password });
  const secret = fromBase32(beginSecondFactor.secret);
  const code = (stepsAhead: number) => totpCode(secret, totpStepOf(Date.now()) + stepsAhead);
  // The code of the step before counts until this step ends: it is to have the time to arrive.
  await until(() => totpStepOf(Date.now()) === totpStepOf(Date.now() + ARRIVES_MS));
  const { confirmSecondFactor } = await me.data(CONFIRM, { code: code(-1) });
  return { ...person, me, secret, codes: confirmSecondFactor.codes, codeOf: code };
}

const signIn = async ({ email, password }: Somebody, code?: string) =>
  (await ask(hub, SIGN_IN, { input: { email, password, code, keep: 'TOKEN' } })).body;
const isIn = async (person: Somebody, code?: string) => (await signIn(person, code)).data?.signIn?.token !== undefined;

describe('the second factor', () => {
  it('counts from its first code on, and is stored sealed', async () => {
    const person = await makeSomebody(hub, 'member', { accountId: hub.accountId });
    const me = adminClient(hub, { ...person, token: await signInWith(hub, person) });
    expect(await me.code(CONFIRM, { code: '123456' })).toBe('second_factor_missing');
    expect(await me.code(BEGIN, { password: 'not the password' })).toBe('wrong_password');
    expect(await me.code(CONFIRM, { code: '123456' })).toBe('second_factor_missing');
    const { beginSecondFactor: first } = await me.data(BEGIN, { password: person.password });
    expect(first.uri).toContain(`secret=${first.secret}&`);
    const { beginSecondFactor: second } = await me.data(BEGIN, { password: person.password });
    expect(second.secret).not.toBe(first.secret);
    expect(await isIn(person)).toBe(true);
    expect(await me.data(STATE)).toEqual({ me: { secondFactor: { isOn: false, recoveryCodesLeft: 0 } } });
    const secret = fromBase32(second.secret);
    expect(await me.code(CONFIRM, { code: totpCode(fromBase32(first.secret), totpStepOf(Date.now())) })).toBe(
      'wrong_code',
    );
    const { confirmSecondFactor } = await me.data(CONFIRM, { code: totpCode(secret, totpStepOf(Date.now())) });
    expect(new Set(confirmSecondFactor.codes).size).toBe(10);
    expect(await me.data(STATE)).toEqual({ me: { secondFactor: { isOn: true, recoveryCodesLeft: 10 } } });
    expect(await me.code(BEGIN, { password: person.password })).toBe('second_factor_exists');
    const [row] = await hub.sql.query<{ sealed: Buffer }>('select totp_secret as sealed from app_user where id = $1', [
      person.userId,
    ]);
    expect(row!.sealed.includes(secret)).toBe(false);
    expect(row!.sealed.toString('latin1')).not.toContain(secret.toString('base64'));
  });

  it('is asked for, and a code works once', async () => {
    const person = await makeSecured();
    expect(await signIn(person)).toEqual({ data: { signIn: { message: expect.stringContaining('code') } } });
    expect(codeOf(await signIn(person, '000000x'))).toBe('invalid_credentials');
    // Used when the factor was confirmed.
    expect(codeOf(await signIn(person, person.codeOf(-1)))).toBe('invalid_credentials');
    const code = person.codeOf(0);
    expect(await isIn(person, `${code.slice(0, 3)} ${code.slice(3)}`)).toBe(true);
    expect(codeOf(await signIn(person, code))).toBe('invalid_credentials');
    expect(await isIn(person, person.codeOf(1))).toBe(true);
    // With the code but without the password nobody learns that there is a second factor.
    expect(codeOf(await signIn({ ...person, password: 'wrong' }))).toBe('invalid_credentials');
  });

  it('moves to another app at once, however lately a code of the old one was used', async () => {
    const person = await makeSecured();
    const input = { password: person.password, code: person.codeOf(1) };
    expect(await person.me.data(REMOVE, { input })).toEqual({ removeSecondFactor: true });
    const { beginSecondFactor: begun } = await person.me.data(BEGIN, { password: person.password });
    const code = totpCode(fromBase32(begun.secret), totpStepOf(Date.now()));
    expect((await person.me.data(CONFIRM, { code })).confirmSecondFactor.codes).toHaveLength(10);
    expect(codeOf(await signIn(person, code))).toBe('invalid_credentials');
  });

  it('lets one of many in that come with the same code at once', async () => {
    const person = await makeSecured();
    const code = person.codeOf(0);
    const results = await Promise.all(Array.from({ length: 6 }, () => isIn(person, code)));
    expect(results.filter(Boolean)).toHaveLength(1);
  });

  it('lets one of many in that come with the same recovery code at once', async () => {
    const person = await makeSecured();
    const results = await Promise.all(Array.from({ length: 6 }, () => isIn(person, person.codes[3])));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await person.me.data(STATE)).toEqual({ me: { secondFactor: { isOn: true, recoveryCodesLeft: 9 } } });
  });

  it('takes recovery codes however they are typed, and no longer when there are new ones', async () => {
    const person = await makeSecured();
    const [first = '', second = '', third = ''] = person.codes;
    expect(first).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(await isIn(person, ` ${first.toLowerCase().replace('-', '')} `)).toBe(true);
    expect(await isIn(person, first)).toBe(false);
    expect(await isIn(person, second.replaceAll('0', 'o').replaceAll('1', 'l'))).toBe(true);
    expect(await person.me.code(RENEW, { password: 'wrong' })).toBe('wrong_password');
    const { renewRecoveryCodes } = await person.me.data(RENEW, { password: person.password });
    expect(await isIn(person, third)).toBe(false);
    expect(await isIn(person, renewRecoveryCodes.codes[0])).toBe(true);
  });

  it('is removed with password and code, and by an administrator for who lost it', async () => {
    const person = await makeSecured();
    const { me, password } = person;
    const code = person.codes[0];
    expect(await me.code(REMOVE, { input: { password: 'wrong', code } })).toBe('wrong_password');
    expect(await me.code(REMOVE, { input: { password, code: '000000' } })).toBe('wrong_password');
    expect(await me.data(REMOVE, { input: { password, code } })).toEqual({ removeSecondFactor: true });
    expect(await isIn(person)).toBe(true);
    expect(await me.code(RENEW, { password })).toBe('second_factor_missing');

    const other = await makeSecured();
    const remove = 'mutation ($id: ID!) { removeUserSecondFactor(input: { id: $id }) { hasSecondFactor } }';
    const admin = await signInAs(hub, 'admin');
    expect(await admin.code(remove, { id: other.userId })).toBe('owners_only');
    const owner = await signInAs(hub, 'owner');
    expect(await owner.data(remove, { id: other.userId })).toEqual({
      removeUserSecondFactor: { hasSecondFactor: false },
    });
    expect(await isAlive(hub, other.me.token)).toBe(false);
    expect(await isIn(other)).toBe(true);
    expect(await owner.code(remove, { id: other.userId })).toBe('second_factor_missing');
  });

  it('leaves no secret in the audit log', async () => {
    const person = await makeSecured();
    const rows = await hub.sql.query<{ action: string; text: string }>(
      `select action, audit_log::text as text from audit_log where subject_id = $1 and subject_kind = 'user' order by seq`,
      [person.userId],
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'signIn.succeeded',
      'user.beginSecondFactor',
      'user.confirmSecondFactor',
    ]);
    const text = rows.map((row) => row.text).join(' ');
    for (const secret of [...person.codes, person.password, person.secret.toString('base64')]) {
      expect(text).not.toContain(secret);
    }
  });
});
