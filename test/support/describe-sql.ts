import type { Database } from '../../src/database/database.js';
import { isUniqueViolation } from '../../src/database/database-error.js';
import { ENTITIES } from '../../src/database/entities.js';

/** What both databases promise alike. */
export function describeSql(open: () => Database): void {
  it('binds and returns the same JavaScript values', async () => {
    const createdAt = new Date('2026-11-22T18:40:54.629Z');
    const rows = await open().sql.query(
      `select $1::bigint as big, $2::bytea as bytes, $3::text[] as texts, $4::bigint[] as bigs, $5::jsonb as json,
              $6::timestamptz as at, $7::text[] as nothing, $8::boolean as yes, 5::int as small, sum(x)::numeric as total
       from generate_series(1, 3) x`,
      [2n ** 62n, Buffer.from([0, 255]), ['a,b', '"c"', '{}'], [1n, 2n], '{"a":[1]}', createdAt, null, true],
    );
    expect(rows).toEqual([
      {
        big: '4611686018427387904',
        bytes: Buffer.from([0, 255]),
        texts: ['a,b', '"c"', '{}'],
        bigs: ['1', '2'],
        json: { a: [1] },
        at: createdAt,
        nothing: null,
        yes: true,
        small: 5,
        total: '6',
      },
    ]);
  });

  it('reads a time zone offset that is not UTC', async () => {
    const rows = await open().sql.transaction(async (session) => {
      await session.query(`set local time zone 'Asia/Kolkata'`);
      return session.query(`select timestamptz '2026-01-01 00:00:00+00' as at`);
    });
    expect(rows).toEqual([{ at: new Date('2026-01-01T00:00:00Z') }]);
  });

  it('keeps nothing of a transaction that throws', async () => {
    const { sql } = open();
    const refused = sql.transaction(async (session) => {
      await session.query(`insert into model (id) values ('half-done')`);
      throw new Error('changed my mind');
    });
    await expect(refused).rejects.toThrow('changed my mind');
    expect(await sql.query(`select id from model where id = 'half-done'`)).toEqual([]);
  });

  it('goes on after a statement that fails, and says which constraint refused', async () => {
    const { sql } = open();
    await sql.query(`insert into model (id) values ('twice')`);
    const error = await sql.query(`insert into model (id) values ('twice')`).catch((caught: unknown) => caught);
    expect(isUniqueViolation(error, 'model_pkey')).toBe(true);
    expect(isUniqueViolation(error, 'other')).toBe(false);
    expect(await sql.query(`select id from model where id = 'twice'`)).toHaveLength(1);
  });

  it('runs a transaction again after a serialisation failure, whole and a bounded number of times', async () => {
    const { sql } = open();
    let runs = 0;
    const fail = (times: number) =>
      sql.transaction(async (session) => {
        runs += 1;
        const state = runs <= times ? `raise exception 'conflict' using errcode = '40001'` : 'null';
        await session.query(`do $$ begin ${state}; end $$`);
        return runs;
      });
    expect(await fail(2)).toBe(3);
    runs = 0;
    await expect(fail(100)).rejects.toMatchObject({ code: '40001' });
    expect(runs).toBe(5);
  });

  it('refuses to change or empty the ledger', async () => {
    const { sql } = open();
    await sql.query(
      `insert into entry (kind, debit_id, credit_id, amount, ref, actor) values ('grant', 1, 2, 5, 'append-only', 'test')`,
    );
    for (const text of [`update entry set amount = 6`, `delete from entry`, `truncate entry cascade`]) {
      await expect(sql.query(text)).rejects.toThrow('append-only');
    }
  });

  it.each(ENTITIES.map((entity) => [entity.name, entity] as const))('%s fits its table', async (_, entity) => {
    const em = open().orm.em.fork();
    // Names every column, so that one which is misspelt or missing fails.
    await expect(em.find(entity as { new (): object }, {}, { limit: 1 })).resolves.toBeInstanceOf(Array);
  });
}
