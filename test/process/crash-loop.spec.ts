import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { migratePostgres } from '../../src/database/migrate.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { freePort } from '../support/free-port.js';
import { HUB_COMMAND, launch, startHubProcess, temporaryFolder } from '../support/hub-process.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';
import { askChat, configOf } from './hub-calls.js';

const INSTANCES = 3;
/** Given to jest with --globals; twenty take some minutes. */
const { crashRounds = 2 } = globalThis as { crashRounds?: number };
const DONE = 'data: [DONE]\n\n';

/** All columns, constraints, indexes and functions of a schema, in a line each. */
const SCHEMA = `
  select format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) as line
    from information_schema.columns where table_schema = 'public'
  union all select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
    where connamespace = 'public'::regnamespace
  union all select indexdef from pg_indexes where schemaname = 'public'
  union all select pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace
  order by 1`;

describeWithPostgres('hubs that are killed', () => {
  let upstream: FakeUpstream;
  let postgres: PostgresServer;
  let client: Client;
  const masterKey = randomBytes(32).toString('base64');
  beforeAll(async () => {
    [upstream, postgres] = await Promise.all([startFakeUpstream(), startPostgres()]);
    client = new Client(postgres.url);
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await postgres?.stop();
    await upstream?.close();
  });

  const urlOf = (database: string): string => postgres.url.replace(/postgres$/, database);

  async function schemaOf(database: string): Promise<readonly string[]> {
    const reader = new Client(urlOf(database));
    await reader.connect();
    const { rows } = await reader.query<{ line: string }>(SCHEMA);
    await reader.end();
    return rows.map(({ line }) => line);
  }

  // T040
  it('while they migrate an empty database leave nothing half done for the next ones', async () => {
    await client.query('create database migrated');
    await migratePostgres(urlOf('migrated'));
    let killedAtWork = 0;
    for (let round = 0; round < crashRounds; round++) {
      await client.query('drop database if exists crashing with (force)');
      await client.query('create database crashing');
      const env = { DATABASE_URL: urlOf('crashing'), HUB_MASTER_KEY: masterKey, HUB_SANDBOX: 'on' };
      const starting = await Promise.all(
        Array.from({ length: INSTANCES }, async () => launch(HUB_COMMAND, { ...env, PORT: String(await freePort()) })),
      );
      // Kill them at some moment after the first has begun to migrate.
      const migrating = `select state from pg_stat_activity where datname = 'crashing' and application_name like '%migrations'`;
      const isAtWork = async (): Promise<boolean> => {
        const { rows } = await client.query<{ state: string }>(migrating);
        return rows.some(({ state }) => state.includes('transaction') || state === 'active');
      };
      // A look may come too late for all of it.
      await until(async () => (await isAtWork()) || starting.some((hub) => hub.stdout().includes('is running')));
      await delay(Math.random() * 60);
      if (await isAtWork()) killedAtWork++;
      await Promise.all(starting.map((hub) => hub.kill()));
      await until(async () => (await client.query(migrating)).rows.length === 0);
      const hubs = await Promise.all(Array.from({ length: INSTANCES }, () => startHubProcess({ env })));
      expect(await schemaOf('crashing')).toEqual(await schemaOf('migrated'));
      for (const hub of hubs) await hub.kill();
    }
    // Chance may have it that all of them had just finished; then this run has shown less, but nothing wrong.
    if (killedAtWork === 0) process.stderr.write('no migration was under way at the moment of a kill\n');
  }, 600_000);

  // T038: that it stops in order is in stop.spec.ts.
  it('by an error nobody handles settle every stream first', async () => {
    const preload = join(temporaryFolder(), 'preload.mjs');
    writeFileSync(preload, `process.on('SIGUSR2', () => { Promise.reject(new Error('boom')); });`);
    const [node = '', main = ''] = HUB_COMMAND;
    await client.query('create database fatal');
    const hub = await startHubProcess({
      command: [node, '--import', preload, main],
      env: { DATABASE_URL: urlOf('fatal'), HUB_MASTER_KEY: masterKey },
      config: configOf(upstream.url),
    });
    upstream.script({ tokens: 20, token_ms: 100, in: 10, out: 20 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => askChat(hub, { stream: true })));
    const ended = hub.stop('SIGUSR2');
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(texts.filter((text) => text.endsWith(DONE))).toHaveLength(20);
    expect(await ended).toMatchObject({ code: 1, signal: null });
    const reader = new Client(urlOf('fatal'));
    await reader.connect();
    const { rows } = await reader.query('select state, settled, count(*)::int as count from hold group by 1, 2');
    await reader.end();
    // 10 tokens at 1 and 20 at 2 credits a million: 50 thousand nano-credits.
    expect(rows).toEqual([{ state: 'settled', settled: '50000', count: 20 }]);
  });
});
