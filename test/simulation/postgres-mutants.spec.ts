import { Database } from '../../src/database/database.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { loadPostgres } from './postgres-load.js';
import { mutate, SQL_MUTATIONS } from './postgres-mutants.js';

const HEALTHY_MS = 6_000;
const ROUND_MS = 2_000;
/** Most mutants are found in the first one; how the instances meet is up to the machine. */
const ROUNDS_MAX = 60;

describeWithPostgres('the functions of the ledger under load', () => {
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres();
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 12, ledgerPoolMax: 12 });
    await database.sql.query('alter system set synchronous_commit = off');
    // Deadlocks are looked for sooner than the lock timeout ends the wait.
    await database.sql.query(`alter system set deadlock_timeout = '20ms'`);
    await database.sql.query('select pg_reload_conf()');
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  it('never let a constraint fire, never wait in a circle, and keep the books right', async () => {
    expect(await loadPostgres(database.ledgerSql, HEALTHY_MS)).toBeUndefined();
  });

  describe.each(SQL_MUTATIONS)('$title', (mutation) => {
    it('is found', async () => {
      const restore = await mutate(database.sql, mutation);
      let finding: string | undefined;
      for (let round = 0; round < ROUNDS_MAX && finding === undefined; round++) {
        finding = await loadPostgres(database.ledgerSql, ROUND_MS);
      }
      await restore();
      expect(finding).toEqual(expect.any(String));
    }, 300_000);
  });
});
