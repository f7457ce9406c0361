import { createUser } from '../../src/users/create-user.js';
import { hashPassword } from '../../src/users/password.js';
import type { Role } from '../../src/users/permission.js';
import type { GraphqlBody } from './admin.js';
import type { TestHub } from './hub.js';

/** A hub that believes `x-forwarded-for`, so that a test can come from many addresses. */
export const MANY_ADDRESSES = { HUB_TRUST_PROXY: '127.0.0.1' } as const;

export const SIGN_IN = `mutation ($input: SignInInput!) {
  signIn(input: $input) {
    ... on SignedIn { token expiresAt me { id email role } }
    ... on SecondFactorNeeded { message }
  }
}`;

/** Somebody with a password. */
export interface Somebody {
  readonly userId: string;
  readonly email: string;
  readonly password: string;
}

/** How a request comes in. */
export interface Coming {
  readonly address?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

let people = 0;
let addresses = 0;

/** An address that nobody else in this process has. */
export function newAddress(): string {
  addresses++;
  return `198.18.${addresses >> 8}.${addresses & 255}`;
}

/** Makes somebody who can sign in. */
export async function makeSomebody(
  hub: Pick<TestHub, 'sql'>,
  role: Role,
  { accountId, password = 'a good password' }: { accountId?: string; password?: string } = {},
): Promise<Somebody> {
  const email = `Somebody-${++people}@example.test`;
  const userId = await createUser(hub.sql, { email, role, accountId, passwordHash: await hashPassword(password) });
  return { userId, email, password };
}

/** Sends an operation and gives the whole response. */
export async function ask(
  hub: Pick<TestHub, 'url'>,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  { address = newAddress(), token, headers }: Coming = {},
): Promise<{ readonly status: number; readonly body: GraphqlBody; readonly cookie: string | null }> {
  const response = await fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': address,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as GraphqlBody;
  return { status: response.status, body, cookie: response.headers.get('set-cookie') };
}

/** Signs somebody in and gives the token. */
export async function signInWith(
  hub: Pick<TestHub, 'url'>,
  { email, password }: Pick<Somebody, 'email' | 'password'>,
  { code, ...coming }: Coming & { readonly code?: string } = {},
): Promise<string> {
  const { body } = await ask(hub, SIGN_IN, { input: { email, password, code, keep: 'TOKEN' } }, coming);
  const token: unknown = body.data?.signIn?.token;
  if (typeof token !== 'string') throw new Error(`Not signed in: ${JSON.stringify(body)}`);
  return token;
}

/** The code of the first error of an answer. */
export function codeOf(body: GraphqlBody): unknown {
  return body.errors?.[0]?.extensions['code'];
}

/** Whether a token still works; refused ones are 401 for the whole request. */
export async function isAlive(hub: Pick<TestHub, 'url'>, token: string): Promise<boolean> {
  const { status, body } = await ask(hub, '{ me { id } }', {}, { token });
  if (status === 401) return false;
  if (status === 200 && body.data?.me != null) return true;
  throw new Error(`Neither in nor out: ${status} ${JSON.stringify(body)}`);
}
