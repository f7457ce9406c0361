import type { GraphqlBody } from '../../support/admin.js';
import { newAddress } from '../../support/sign-in.js';
import type { Sample } from './samples.js';
import { leastSelection, operationOf, type RootField } from './schema-walk.js';
import type { Caller, World } from './world.js';

/** An answer of the admin API, and by what it can be found in the audit log. */
export interface Asked {
  readonly status: number;
  readonly body: GraphqlBody;
  readonly text: string;
  /** Nobody else had it. */
  readonly address: string;
  readonly requestId: string | null;
  readonly by: Caller;
  /** Code of the first error; undefined for an answer without any. */
  readonly code: unknown;
}

/** Runs a root field with a sample. @param selection what is selected of its answer; without it only the type. */
export async function run(
  world: World,
  root: RootField,
  caller: Caller,
  { variables, as }: Sample,
  selection = leastSelection(root),
): Promise<Asked> {
  const query = operationOf(root, variables, selection);
  return ask(world, as ?? caller, { query, variables }, root.kind === 'subscription');
}

/** Sends an operation from an address that nobody had before. */
export async function ask(world: World, by: Caller, body: object, isStream = false): Promise<Asked> {
  const address = newAddress();
  const abort = new AbortController();
  const response = await fetch(`${world.hub.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': address,
      ...(isStream && { accept: 'text/event-stream' }),
      ...(by.token !== undefined && { authorization: `Bearer ${by.token}` }),
    },
    body: JSON.stringify(body),
    signal: abort.signal,
  });
  const isEndless = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const text = isEndless ? '{}' : await response.text();
  if (isEndless) abort.abort();
  const parsed = parse(text);
  return {
    status: response.status,
    body: parsed,
    text,
    address,
    requestId: response.headers.get('x-request-id'),
    by,
    code: codeIn(parsed),
  };
}

function parse(text: string): GraphqlBody {
  return JSON.parse(text) as GraphqlBody;
}

function codeIn({ errors, ...rest }: GraphqlBody): unknown {
  if (errors !== undefined) return errors[0]?.extensions['code'] ?? 'error without a code';
  // What is refused as a whole has the errors of the REST API.
  const { code } = rest as { readonly code?: unknown };
  return code;
}

/** What the policy knows of an answer. */
export function outcomeOf({ code }: Pick<Asked, 'code'>): 'allowed' | 'forbidden' | 'sign_in_needed' {
  return code === 'forbidden' || code === 'sign_in_needed' ? code : 'allowed';
}
