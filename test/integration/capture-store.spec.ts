import { randomBytes } from 'node:crypto';
import type { CapturedSides } from '../../src/capture/capture.js';
import { CaptureSweeper } from '../../src/capture/capture-sweeper.js';
import { listCaptured, openCaptured } from '../../src/capture/captured-store.js';
import { insertCaptured } from '../../src/capture/insert-captured.js';
import { resealCaptured } from '../../src/capture/reseal-captured.js';
import { setCapture } from '../../src/capture/set-capture.js';
import { uuid7Hex } from '../../src/common/ids.js';
import { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { openMemoryDatabase } from '../support/database.js';
import { makeAccount, makeKey } from '../support/ledger-calls.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';

describe('captured exchanges on the embedded database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openMemoryDatabase();
  });
  afterAll(() => database.close());
  describeCaptured(() => database.sql);
});

describeWithPostgres('captured exchanges on PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres();
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 2, ledgerPoolMax: 2 });
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });
  describeCaptured(() => database.sql);
});

function describeCaptured(open: () => Sql): void {
  let keyring: Keyring;
  let cipher: CredentialCipher;
  let accountId: string;
  let keyId: string;
  beforeAll(async () => {
    keyring = await Keyring.open(open(), randomBytes(32));
    cipher = new CredentialCipher(keyring);
    accountId = await makeAccount(open());
    keyId = await makeKey(open(), accountId);
  });
  beforeEach(() => open().query('delete from captured_exchange'));

  function store(sides: Partial<CapturedSides> = {}, expiresAt = new Date(Date.now() + 60_000)): Promise<string> {
    const requestId = `req_${uuid7Hex(Date.now())}`;
    const whole: CapturedSides = {
      ...{ requestId, accountId, keyId, endpoint: 'POST /x', model: 'gpt-4', status: 200, isTruncated: false },
      ...{ request: 'asked', response: 'answered', ...sides },
    };
    return insertCaptured(open(), cipher, whole, expiresAt);
  }

  it('come back as they were, whatever is in them', async () => {
    const text = '{"a":"\\u0000 é 漢 😀"}\0';
    const id = await store({ request: text, response: undefined, model: `a\0${'m'.repeat(500)}`, status: 499 });
    expect(await openCaptured(open(), cipher, id)).toMatchObject({
      ...{ id, accountId, keyId, endpoint: 'POST /x', status: 499, isTruncated: false, request: text, response: null },
      model: `a${'m'.repeat(255)}`,
    });
    expect(await openCaptured(open(), cipher, '0190aaaa-0000-7000-8000-00000000000f')).toBeUndefined();
  });

  it('are paged by the newest', async () => {
    const ids = [await store(), await store(), await store()].reverse();
    const first = await listCaptured(open(), { accountId, first: 2 });
    expect(first.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const rest = await listCaptured(open(), { accountId, first: 2, after: first[1]!.id });
    expect(rest.map(({ id }) => id)).toEqual(ids.slice(2));
  });

  it('are deleted when their time is over, however many there are', async () => {
    const kept = await store();
    for (let i = 0; i < 250; i++) await store({}, new Date(Date.now() - 1));
    expect(await new CaptureSweeper(open()).sweep()).toBe(250);
    expect(await open().query('select id from captured_exchange')).toEqual([{ id: kept }]);
  });

  it('are all put under a new key, batch by batch', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 45; i++)
      ids.push(await store({ request: `asked ${i}`, response: i % 2 === 0 ? 'x' : undefined }));
    await keyring.rotateCredentialKey();
    expect(await resealCaptured(open(), cipher)).toBe(45 + 23);
    expect(await resealCaptured(open(), cipher)).toBe(0);
    for (const [i, id] of ids.entries()) {
      expect(await openCaptured(open(), cipher, id)).toMatchObject({ request: `asked ${i}` });
    }
  });

  it('are switched on and off for a key', async () => {
    const sql = open();
    const until = new Date(Date.now() + 60_000);
    expect(await setCapture(sql, keyId, until)).toEqual({ accountId, before: null, after: until });
    expect(await sql.query('select capture_until as at from api_key where id = $1', [keyId])).toEqual([{ at: until }]);
    expect(await setCapture(sql, keyId, null)).toEqual({ accountId, before: until, after: null });
    await expect(setCapture(sql, keyId, new Date(Date.now() + 8 * 86_400_000))).rejects.toMatchObject({
      param: 'until',
    });
    await expect(setCapture(sql, '99999', null)).rejects.toMatchObject({ status: 404 });
  });
}
