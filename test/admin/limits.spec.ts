import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { ADMIN_SQL, type Sql } from '../../src/database/sql.js';
import { type AdminClient, type GraphqlBody, postGraphql, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { type TestHub } from '../support/hub.js';

const ME = '{ me { id } }';

describe('the admin API refuses', () => {
  let hub: TestHub;
  let viewer: AdminClient;
  beforeAll(async () => {
    hub = await startHub();
    viewer = await signInAs(hub, 'viewer');
  });
  afterAll(() => hub.close());

  const send = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${hub.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${viewer.token}`, ...headers },
      body,
    });

  it.each([
    ['several operations in one request', JSON.stringify([{ query: ME }, { query: ME }]), 400, 'invalid_value'],
    ['no query', '{}', 400, 'invalid_value'],
    ['a query that is no text', '{"query":{"kind":"Document"}}', 400, 'invalid_value'],
    ['variables that are no object', JSON.stringify({ query: ME, variables: '{}' }), 400, 'invalid_value'],
    ['a body that is no JSON', '{', 400, 'invalid_value'],
    [
      'a body of more than 1 MiB',
      JSON.stringify({ query: ME, variables: { a: 'x'.repeat(1024 * 1024) } }),
      413,
      'request_too_large',
    ],
  ])('%s', async (_what, body, status, code) => {
    const response = await send(body);
    expect([response.status, await response.json()]).toEqual([
      status,
      expect.objectContaining({ success: false, code }),
    ]);
  });

  it.each([
    ['too many tokens', `{ ${'me { id } '.repeat(2000)} }`, 'graphql_parse_failed'],
    [
      'too many fields at the top',
      `{ ${Array.from({ length: 21 }, (_, i) => `a${i}: me { id }`).join(' ')} }`,
      'operation_too_large',
    ],
    ['a page of 100,000', '{ videoJobs(first: 100000) { nodes { id } } }', 'operation_too_large'],
    ['a page of 101', '{ videoJobs(first: 101) { nodes { id } } }', 'invalid_value'],
    ['a page of nothing', '{ videoJobs(first: 0) { nodes { id } } }', 'invalid_value'],
    ['a cursor of its own making', '{ videoJobs(after: "eyJ4IjoxfQ") { nodes { id } } }', 'invalid_value'],
    ['a field that is not there', '{ mee { id } }', 'graphql_validation_failed'],
  ])('%s, before anything is read', async (_what, query, code) => {
    const statements = jest.spyOn(hub.app.get<Sql>(ADMIN_SQL, { strict: false }), 'query');
    try {
      const { errors } = await viewer.send(query);
      expect(errors?.[0]?.extensions['code']).toBe(code);
      expect(statements.mock.calls.filter(([text]) => text.includes('from job '))).toEqual([]);
    } finally {
      statements.mockRestore();
    }
  });

  it.each([
    ['that is too large', '{ videoJobs(first: 100000) { nodes { id } } }', 400, 'operation_too_large'],
    ['with a field that is not there', '{ mee { id } }', 400, 'graphql_validation_failed'],
    ['that reads the schema without a sign-in', '{ __schema { types { name } } }', 401, 'sign_in_needed'],
  ])('an operation %s with a status that says whose fault it is', async (what, query, status, code) => {
    const token: Record<string, string> = what.includes('without') ? {} : { authorization: `Bearer ${viewer.token}` };
    const headers = { 'content-type': 'application/json', ...token };
    const response = await fetch(`${hub.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    const { data, errors } = (await response.json()) as GraphqlBody;
    expect([response.status, data, errors?.[0]?.extensions['code']]).toEqual([status, undefined, code]);
  });

  it('a request by GET, even one that only reads', async () => {
    const response = await fetch(`${hub.url}/graphql?query=${encodeURIComponent(ME)}`, {
      headers: { authorization: `Bearer ${viewer.token}` },
    });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'a body that calls itself "%s"',
    async (type) => {
      const response = await send(JSON.stringify({ query: ME }), { 'content-type': type });
      expect(response.status).toBe(415);
    },
  );

  it('a token that is not valid, with the same words whatever is wrong with it', async () => {
    const tokens = [
      'x',
      'hub_ses_x',
      `hub_ses_${'A'.repeat(43)}`,
      `hub_pat_${'A'.repeat(43)}`,
      hub.apiKey,
      viewer.token.slice(0, -1),
    ];
    const answers = new Set<string>();
    for (const token of tokens) {
      const response = await send(JSON.stringify({ query: ME }), { authorization: `Bearer ${token}` });
      expect(response.status).toBe(401);
      answers.add(await response.text());
    }
    expect(answers.size).toBe(1);
  });
});

describe('with the session cookie', () => {
  let hub: TestHub;
  let viewer: AdminClient;
  beforeAll(async () => {
    hub = await startHub();
    viewer = await signInAs(hub, 'viewer');
  });
  afterAll(() => hub.close());

  const send = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${hub.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: `a=b; hub_session=${viewer.token}; c=d`, ...headers },
      body: JSON.stringify({ query: ME }),
    });

  it('the hub serves its own pages', async () => {
    const ours: Record<string, string>[] = [{}, { origin: hub.url }, { 'sec-fetch-site': 'same-origin' }];
    for (const headers of ours) {
      const response = await send({ 'x-hub-csrf': '1', ...headers });
      expect(await response.json()).toEqual({ data: { me: { id: viewer.userId } } });
    }
  });

  const FOREIGN: readonly (readonly [string, Record<string, string>])[] = [
    ['without its header', {}],
    ['from another origin', { 'x-hub-csrf': '1', origin: 'https://evil.example' }],
    ['from no origin at all', { 'x-hub-csrf': '1', origin: 'null' }],
    ['from another site', { 'x-hub-csrf': '1', 'sec-fetch-site': 'cross-site' }],
    ['from a neighbour of the same site', { 'x-hub-csrf': '1', 'sec-fetch-site': 'same-site' }],
  ];
  it.each(FOREIGN)('a request %s is refused', async (_what, headers) => {
    const response = await send(headers);
    expect([response.status, await response.json()]).toEqual([
      403,
      expect.objectContaining({ code: 'cross_site_request' }),
    ]);
  });

  it('of a session that is over, one is a visitor', async () => {
    const response = await fetch(`${hub.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        cookie: `hub_session=hub_ses_${'A'.repeat(43)}`,
        'x-hub-csrf': '1',
      },
      body: JSON.stringify({ query: ME }),
    });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'sign_in_needed' } }] });
  });
});

describe('in production', () => {
  let hub: TestHub;
  let owner: AdminClient;
  beforeAll(async () => {
    hub = await startHub({ env: { NODE_ENV: 'production' } });
    owner = await signInAs(hub, 'owner');
  });
  afterAll(() => hub.close());

  it('tells nobody its schema, neither asked for it nor by guessing at names', async () => {
    expect(await owner.code(getIntrospectionQuery())).toBe('introspection_disabled');
    expect(await owner.code('{ __type(name: "Query") { name } }')).toBe('introspection_disabled');
    const { errors } = await owner.send('{ systemHealt { version } }');
    expect(errors?.[0]?.message).not.toMatch(/systemHealth|did you mean/i);
  });

  it('guesses at no name of an input or a subscription either', async () => {
    const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }';
    const input = { emial: 'a@example.test', email: '', password: 'x', keep: 'TOKN' };
    const response = await fetch(`${hub.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { requestFed { id } }' }),
    });
    const subscription = (await response.json()) as GraphqlBody;
    for (const { errors } of [await postGraphql(hub.url, { query, variables: { input } }), subscription]) {
      expect(errors?.length).toBeGreaterThan(0);
      expect(JSON.stringify(errors)).not.toMatch(/did you mean|requestFeed/i);
    }
  });

  it('has no page at /graphql', async () => {
    expect((await fetch(`${hub.url}/graphql`, { headers: { accept: 'text/html' } })).status).toBe(405);
    expect((await fetch(`${hub.url}/graphql/assets/graphiql.min.js`)).status).toBe(404);
  });
});

describe('outside production', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startHub();
  });
  afterAll(() => hub.close());

  it('tells its schema to those who have signed in, and to no visitor', async () => {
    const query = getIntrospectionQuery();
    expect(await postGraphql(hub.url, { query })).toMatchObject({
      errors: [{ extensions: { code: 'sign_in_needed' } }],
    });
    const member = await signInAs(hub, 'member', hub.accountId);
    expect((await member.data(query)).__schema.queryType.name).toBe('Query');
  });
});
