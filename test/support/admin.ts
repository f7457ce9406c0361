import { Keyring } from '../../src/secrets/keyring.js';
import { createUser } from '../../src/users/create-user.js';
import type { Role } from '../../src/users/permission.js';
import { startSession } from '../../src/users/start-session.js';
import type { TestHub } from './hub.js';

/** What the admin API answered. */
export interface GraphqlBody {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
  readonly data?: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
}

/** Somebody who has signed in to the admin API of a test's hub. */
export interface AdminClient {
  readonly userId: string;
  readonly email: string;
  readonly token: string;
  /** Runs an operation and gives the whole answer. */
  send(query: string, variables?: Readonly<Record<string, unknown>>): Promise<GraphqlBody>;
  /** Runs an operation that must succeed and gives its data. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
  data(query: string, variables?: Readonly<Record<string, unknown>>): Promise<any>;
  /** Runs an operation that must fail and gives the code of its first error. */
  code(query: string, variables?: Readonly<Record<string, unknown>>): Promise<unknown>;
}

// No test signs in with it; sessions are made directly, since each password hash costs 20 ms of processor time.
const UNUSABLE_HASH = 'unusable';
let users = 0;

/** Signs somebody in. @param accountId whose member; needed for the role `member`. */
export async function signInAs(hub: TestHub, role: Role, accountId?: string): Promise<AdminClient> {
  const email = `${role}-${++users}@example.test`;
  const userId = await createUser(hub.sql, { email, passwordHash: UNUSABLE_HASH, role, accountId });
  const origin = { address: '127.0.0.1', userAgent: 'test' };
  const { token } = await startSession(hub.sql, hub.app.get(Keyring), userId, origin);
  return adminClient(hub, { userId, email, token });
}

/** A client for a token that is there already. */
export function adminClient(
  hub: Pick<TestHub, 'url'>,
  { userId, email, token }: Pick<AdminClient, 'userId' | 'email' | 'token'>,
): AdminClient {
  const send: AdminClient['send'] = (query, variables) => postGraphql(hub.url, { query, variables }, token);
  return {
    userId,
    email,
    token,
    send,
    async data(query, variables) {
      const { data, errors } = await send(query, variables);
      if (errors !== undefined) throw new Error(`The operation failed: ${JSON.stringify(errors)}`);
      return data;
    },
    async code(query, variables) {
      const { errors, data } = await send(query, variables);
      if (errors === undefined) throw new Error(`The operation succeeded: ${JSON.stringify(data)}`);
      return errors[0]?.extensions['code'];
    },
  };
}

/** Sends one request to the admin API. */
export async function postGraphql(url: string, body: unknown, token?: string): Promise<GraphqlBody> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  return (await response.json()) as GraphqlBody;
}
