import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getNamedType } from 'graphql';
import { type Asked, ask, run } from './asking.js';
import { maskingFaults, secretsIn, secretsOf } from './checks.js';
import { sampleOf } from './samples.js';
import { fullSelection, type RootField, rootFields } from './schema-walk.js';
import { tableHashes } from './table-hashes.js';
import { type Caller, World } from './world.js';

// Every mutation and its row in the audit log: both or neither (T137), and what is shown when the database fails (T136).

let world: World;
let owner: Caller;
let mutations: RootField[];
beforeAll(async () => {
  world = await World.start();
  owner = await world.person('owner');
  mutations = rootFields(world.schema).filter(({ kind }) => kind === 'mutation');
}, 120_000);
afterAll(() => world.close());

/** What the audit log has of one request. */
const rowsOf = ({
  address,
}: Asked): Promise<{ actor: string; user_id: string | null; request_id: string; text: string }[]> =>
  world.sql.query(
    `select actor, actor_user_id::text as user_id, request_id, to_jsonb(a)::text as text from audit_log a
      where address = $1`,
    [address],
  );

/** What the queries of each area read. */
const TABLES = [
  'account',
  'account_group',
  'admin_token',
  'alert',
  'api_key',
  'app_user',
  'audit_log',
  'captured_exchange',
]
  .concat(['channel', 'entry', 'hold', 'job', 'model', 'price_version', 'recovery_code'])
  .concat(['redemption_code', 'redemption_batch', 'usage_event', 'usage_rollup_state']);
/** No query has to fail more often to be known to say nothing. */
const FAILURES_MAX = 3;

/** A selection of everything in an answer. */
const everythingOf = ({ field }: RootField): string => fullSelection(world.schema, getNamedType(field.type), new Set());

describe('every mutation', () => {
  it('that succeeds is in the audit log: who, from where, by which request, and no secret', async () => {
    const wrong: string[] = [];
    for (const root of mutations) {
      const sample = await sampleOf(root, world, owner);
      const by = sample.as ?? owner;
      const answer = await run(world, root, owner, sample, everythingOf(root));
      if (answer.code !== undefined) wrong.push(`${root.path} fails: ${answer.text}`);
      const rows = await rowsOf(answer);
      if (rows.length === 0) wrong.push(`${root.path} left no row`);
      for (const row of rows) {
        // Who signs in is nobody yet.
        const isNobody = root.permission === 'anybody';
        if (!isNobody && row.user_id !== by.userId) wrong.push(`${root.path} was done by user ${row.user_id}`);
        if (!isNobody && row.actor !== by.email) wrong.push(`${root.path} was done by ${row.actor}`);
        if (row.request_id !== answer.requestId) wrong.push(`${root.path} has the request ${row.request_id}`);
        const found = secretsIn(row.text, world.secrets);
        if (found.length > 0) wrong.push(`${root.path} wrote down ${found.join(', ')}`);
      }
      for (const secret of secretsOf(answer)) world.secrets.add(secret);
    }
    expect(wrong).toEqual([]);
    const [all] = await world.sql.query<{ text: string }>(
      `select coalesce(string_agg(to_jsonb(a)::text, ' '), '') as text from audit_log a`,
    );
    expect(secretsIn(all?.text ?? '', world.secrets)).toEqual([]);
  }, 120_000);

  it('changes nothing when its row cannot be written, and says nothing of why', async () => {
    const calls = [];
    for (const root of mutations) calls.push({ root, sample: await sampleOf(root, world, owner) });
    await world.untilQuiet();
    await world.sql.query(`create function refuse_audit() returns trigger language plpgsql as
      $$ begin raise exception 'canary of the database at /srv/hub/secret-place.ts:1'; end $$`);
    await world.sql.query(
      'create trigger refuse_audit before insert on audit_log for each row execute function refuse_audit()',
    );
    const wrong: string[] = [];
    try {
      for (const { root, sample } of calls) {
        const before = await tableHashes(world.sql);
        const answer = await run(world, root, owner, sample);
        if (answer.code !== 'internal_error') wrong.push(`${root.path}: ${answer.text}`);
        wrong.push(...maskingFaults(answer).map((fault) => `${root.path} ${fault}`));
        const after = await tableHashes(world.sql);
        const changed = Object.keys(after).filter((table) => after[table] !== before[table]);
        if (changed.length > 0) wrong.push(`${root.path} changed ${changed.join(', ')}`);
      }
    } finally {
      await world.sql.query('drop trigger refuse_audit on audit_log');
      await world.sql.query('drop function refuse_audit()');
    }
    expect(wrong).toEqual([]);
  }, 120_000);
});

/** Read what is in memory, or the table that says who asks: the last test is about that. */
const NOT_FAILING = ['Query.priceCatalogue', 'Query.providers', 'Query.sessions'];

describe('every query', () => {
  it('shows a table that is away by a code and a request id, and by nothing else', async () => {
    const roots = rootFields(world.schema).filter(({ kind }) => kind === 'query');
    const calls = [];
    for (const root of roots) calls.push({ root, sample: await sampleOf(root, world, owner) });
    const wrong: string[] = [];
    const failed = new Map<string, number>();
    for (const table of TABLES) {
      await world.sql.query(`alter table ${table} rename to ${table}_away`);
      try {
        for (const { root, sample } of calls) {
          const times = failed.get(root.path) ?? 0;
          if (times === FAILURES_MAX) continue;
          const answer = await run(world, root, owner, sample, everythingOf(root));
          if (answer.code === undefined) continue;
          // Without errors of fields it was refused as a whole: the table says who asks.
          if (answer.body.errors !== undefined) failed.set(root.path, times + 1);
          wrong.push(...maskingFaults(answer).map((fault) => `${root.path} without ${table} ${fault}`));
        }
      } finally {
        await world.sql.query(`alter table ${table}_away rename to ${table}`);
      }
    }
    expect(wrong).toEqual([]);
    const sound = roots.map(({ path }) => path).filter((path) => !failed.has(path));
    expect(sound.sort()).toEqual(NOT_FAILING);
  }, 120_000);

  it('is refused without a word when it cannot be told who asks', async () => {
    await world.sql.query('alter table user_session rename to user_session_away');
    try {
      const answer = await ask(world, owner, { query: '{ me { id } }' });
      expect([answer.status, answer.code, maskingFaults(answer)]).toEqual([500, 'internal_error', []]);
    } finally {
      await world.sql.query('alter table user_session_away rename to user_session');
    }
  });
});
