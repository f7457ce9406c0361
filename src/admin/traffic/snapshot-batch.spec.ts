import { openMemoryDatabase } from '../../../test/support/database.js';
import { until } from '../../../test/support/until.js';
import { invalidRequest } from '../../common/hub-error.js';
import type { Database } from '../../database/database.js';
import type { SqlSession } from '../../database/sql.js';
import { SnapshotBatch } from './snapshot-batch.js';

describe('the reports of one request', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openMemoryDatabase();
  });
  afterAll(() => database.close());

  const transactionOf = async (session: SqlSession): Promise<string> => {
    const [row] = await session.query<{ at: string; isolation: string }>(
      `select now()::text as at, current_setting('transaction_isolation') || current_setting('transaction_read_only') as isolation`,
    );
    return `${row?.at} ${row?.isolation}`;
  };

  it('see one moment of the database, and those that are asked for later another', async () => {
    const batch = new SnapshotBatch(database.sql);
    const [first, second] = await Promise.all([batch.read(transactionOf), batch.read(transactionOf)]);
    expect(first).toMatch(/ repeatable readon$/);
    expect(second).toBe(first);
    // The embedded database's clock has milliseconds, and a transaction may take less.
    const readAt = Date.now();
    await until(() => Date.now() > readAt + 1);
    expect(await batch.read(transactionOf)).not.toBe(first);
  });

  it('are refused one by one, and fail together when the database does', async () => {
    const batch = new SnapshotBatch(database.sql);
    const refused = await Promise.allSettled([
      batch.read(async () => {
        throw invalidRequest('no', 'a');
      }),
      batch.read(async () => 'there'),
    ]);
    expect(refused).toMatchObject([{ reason: { param: 'a' } }, { value: 'there' }]);
    const failed = await Promise.allSettled([
      batch.read(async () => 'there'),
      batch.read((session) => session.query('select 1 / 0')),
    ]);
    expect(failed).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    expect(await batch.read(async () => 'there again')).toBe('there again');
  });

  it('are not begun when those before took too long', async () => {
    let nowMs = 0;
    const batch = new SnapshotBatch(database.sql, () => nowMs);
    const answers = await Promise.allSettled([
      batch.read(async () => {
        nowMs = 5_001;
        return 'slow';
      }),
      batch.read(async () => 'never'),
    ]);
    expect(answers).toMatchObject([{ value: 'slow' }, { reason: { code: 'report_too_slow', status: 503 } }]);
  });

  it('are twelve at most', async () => {
    const batch = new SnapshotBatch(database.sql);
    const twelve = Array.from({ length: 12 }, (_, at) => batch.read(async () => at));
    expect(() => batch.read(async () => 12)).toThrow('at most 12');
    expect(await Promise.all(twelve)).toHaveLength(12);
  });
});
