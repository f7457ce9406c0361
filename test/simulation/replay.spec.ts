import { Database } from '../../src/database/database.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { PostgresReplay } from './postgres-replay.js';
import { formatSeed } from './simulate.js';

// Given to jest with --globals: how many seeds, and the first of them when a run is to be repeated.
const { replaySeeds = 100, replayFirst = Date.now() % 2 ** 31 } = globalThis as {
  replaySeeds?: number;
  replayFirst?: number;
};

describeWithPostgres('the same calls on PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres();
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 2, ledgerPoolMax: 2 });
    // Nothing here outlives the suite, and a commit that waits for the disk takes most of its time.
    await database.sql.query('alter system set synchronous_commit = off');
    await database.sql.query('select pg_reload_conf()');
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  it(`answer the same and leave the same books as in the model, for ${replaySeeds} seeds from ${formatSeed(replayFirst)}`, async () => {
    const replay = new PostgresReplay(database.sql);
    let calls = 0;
    for (let index = 0; index < replaySeeds; index++) {
      const seed = replayFirst + index;
      const { model, postgres, differences, ...comparison } = await replay.play(seed, index + 1);
      expect({ seed: formatSeed(seed), differences, books: postgres }).toEqual({
        seed: formatSeed(seed),
        differences: [],
        books: model,
      });
      calls += comparison.calls;
    }
    expect(calls).toBeGreaterThan(40 * replaySeeds);
  }, 300_000);
});
