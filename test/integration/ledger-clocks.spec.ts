import { chmodSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { balanceOf, openHolds } from '../support/books.js';
import {
  brokenInvariants,
  makeFundedAccount,
  type RunningLedger,
  startLedger,
  toReservation,
  toSettlement,
} from '../support/ledgers.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { launch, PROJECT_ROOT } from '../support/processes.js';
import { until } from '../support/until.js';

const [FAKETIME] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
const RICH = 1_000_000n;
const MINUTE_MS = 60_000;

let folder: string;
let postgres: PostgresServer;
let owner: RunningLedger;

/** Moves the clock of the database server, backends included. */
async function setDatabaseClock(offset: string): Promise<void> {
  writeFileSync(join(folder, 'clock'), offset);
  const wanted = offset === '+0' ? 0 : Number(offset.slice(1, -1)) * MINUTE_MS;
  await until(async () => {
    const [row] = await owner.database.sql.query<{ at: Date }>('select clock_timestamp() as at');
    return Math.abs((row?.at.getTime() ?? 0) - Date.now() - wanted) < MINUTE_MS / 2;
  });
}

if (FAKETIME === undefined) {
  process.stderr.write('skipped: clocks that jump (libfaketime is not installed)\n');
  describe.skip('clocks that jump', () => {
    it('are not tested here', () => undefined);
  });
} else {
  const library = FAKETIME;
  describeWithPostgres('clocks that jump', () => {
    beforeAll(async () => {
      Logger.overrideLogger(false);
      folder = mkdtempSync(join(tmpdir(), 'hub-clock-'));
      chmodSync(folder, 0o755);
      writeFileSync(join(folder, 'clock'), '+0');
      postgres = await startPostgres({
        env: {
          LD_PRELOAD: library,
          FAKETIME_TIMESTAMP_FILE: join(folder, 'clock'),
          FAKETIME_NO_CACHE: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
        },
      });
      owner = await startLedger(postgres.url);
    });
    afterAll(async () => {
      await owner?.stop();
      await postgres?.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    afterEach(async () => {
      expect(await openHolds(owner.database.sql)).toBe(0);
      expect(await brokenInvariants(owner.database.sql)).toEqual([]);
    });

    // T103
    it('of the database: living holds that are swept for it are settled late, at their exact cost', async () => {
      const { sql } = owner.database;
      const accountId = await makeFundedAccount(sql, RICH);
      const reservations = Array.from({ length: 20 }, () => toReservation(accountId, 1000n));
      await Promise.all(reservations.map((reservation) => owner.ledger.reserve(reservation)));
      let minutes = 0;
      await until(async () => {
        // Again where a heartbeat came before the sweep: it has lengthened the leases by the clock that had jumped.
        minutes += 10;
        await setDatabaseClock(`+${minutes}m`);
        await owner.ledger.sweep();
        return (await openHolds(sql)) === 0;
      });
      for (const reservation of reservations) {
        expect(await owner.ledger.settle(toSettlement(reservation, 300n))).toMatchObject({ status: 'closed' });
      }
      expect(await balanceOf(sql, accountId)).toEqual({ available: RICH - 6_000n, used: 6_000n, held: 0n });
      await setDatabaseClock('+0');
      const after = toReservation(accountId, 1000n);
      await owner.ledger.reserve(after);
      await owner.ledger.settle(toSettlement(after, 1n));
    });

    // T102
    it.each(['+1d', '-1d'])(
      "of one hub (%s): it sweeps nobody's living hold, and its own books are exact",
      async (offset) => {
        const { sql } = owner.database;
        const accountId = await makeFundedAccount(sql, RICH);
        const living = toReservation(accountId, 1000n);
        await owner.ledger.reserve(living);
        const command = ['--import', './test/support/register-ts.mjs', './test/support/ledger-process.ts'];
        const hub = launch(
          [process.execPath, '--import', 'reflect-metadata', ...command, postgres.url, accountId],
          {
            LD_PRELOAD: library,
            FAKETIME: offset,
            FAKETIME_DONT_FAKE_MONOTONIC: '1',
          },
          PROJECT_ROOT,
        );
        expect({ ...(await hub.ended), stderr: hub.stderr() }).toMatchObject({ code: 0 });
        // Before it may stand lines of the log.
        const { at, swept } = JSON.parse(hub.stdout().trim().split('\n').at(-1)!) as { at: number; swept: number };
        expect(Math.abs(at - Date.now())).toBeGreaterThan(20 * 60 * MINUTE_MS);
        expect(swept).toBe(0);
        expect((await balanceOf(sql, accountId)).used).toBe(700n);
        expect(await owner.ledger.settle(toSettlement(living, 1n))).toMatchObject({ status: 'closed' });
      },
    );
  });
}
