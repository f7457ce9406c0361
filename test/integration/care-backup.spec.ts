import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Logger } from '@nestjs/common';
import { findApiKey } from '../../src/auth/find-api-key.js';
import { readBooksDigest } from '../../src/care/books-digest.js';
import { ChannelStore } from '../../src/channels/channel-store.js';
import { credentialBinding } from '../../src/channels/credential-binding.js';
import { CommandServer } from '../../src/cli/command-server.js';
import { runCli } from '../../src/cli/run-cli.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import { Database } from '../../src/database/database.js';
import { hashApiKey } from '../../src/keys/hash-api-key.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { openKeyring } from '../../src/secrets/open-keyring.js';
import { copyDatabaseTo } from '../support/database.js';
import { type SampleBooks, settled, writeSampleBooks } from '../support/sample-books.js';

const SLOW_MS = 120_000;

let root: string;
let dataDir: string;
let archive: string;
let refusedToReplace: Awaited<ReturnType<typeof hub>> & { readonly left: string };
let sample: SampleBooks;
let books: Awaited<ReturnType<typeof readBooksDigest>>;

const hub = (argv: string[], env: Record<string, string> = {}) =>
  runCli({ argv, env: { DATA_DIR: dataDir, ...env }, readStdin: async () => '' });

/** A result of a job, where the hub keeps it by default. */
function writeResult(dir: string): string {
  const path = join(dir, 'media', '0190aaaa00007000800000000000000f', '0.mp4');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'the bytes of a video');
  return path;
}

async function withHub<Result>(dir: string, use: (database: Database, keyring: Keyring) => Promise<Result>) {
  const settings = parseSettings({ DATA_DIR: dir });
  if (!existsSync(dir)) await copyDatabaseTo(dir);
  const database = await Database.open(settings.database);
  try {
    return await use(database, await openKeyring(database.sql, settings));
  } finally {
    await database.close();
  }
}

beforeAll(async () => {
  Logger.overrideLogger(false);
  root = mkdtempSync(join(tmpdir(), 'hub-care-'));
  dataDir = join(root, 'data');
  archive = join(root, 'books.tar.gz');
  await withHub(dataDir, async ({ sql }, keyring) => {
    sample = await writeSampleBooks(sql, keyring);
    books = await sql.transaction(readBooksDigest);
  });
  writeResult(dataDir);
  writeFileSync(archive, 'precious');
  refusedToReplace = { ...(await hub(['backup', archive])), left: readFileSync(archive, 'utf8') };
  const made = await hub(['backup', archive, '--force']);
  expect(made).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('The master key is in it') });
}, SLOW_MS);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Every file in a folder with its size and when it was changed, to see that none has been. */
function contentsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name)).filter((path) => !/hub\.(lock|pid)/.test(path));
  return Object.fromEntries(
    paths.map((path) => [path, `${statSync(path).size} ${statSync(path, { bigint: true }).mtimeNs}`]),
  );
}

it('the sample has something in every table, and sound books', () => {
  const figures = new Map(books.map(({ name, value }) => [name, value]));
  const empty = [...figures].filter(([name, value]) => name.startsWith('table ') && value.startsWith('0 rows'));
  expect(empty).toEqual([]);
  expect(figures.get('accounts that disagree with their entries')).toBe('0');
  expect(figures.get('accounts that disagree with their open holds')).toBe('0');
  expect(figures.get('hold open: sum of amount')).toBe('3000');
  expect(figures.get('usage events still to be rolled up')).toBe(String(sample.pending));
});

describe('backup', () => {
  it('writes a file for its owner only, and leaves nothing else behind', () => {
    expect(statSync(archive).mode & 0o777).toBe(0o600);
    expect(readdirSync(root).sort()).toEqual(['books.tar.gz', 'data']);
    expect(readdirSync(dataDir).filter((name) => name.startsWith('snapshot-'))).toEqual([]);
  });

  it('has no results in it, which may be many times larger', () => {
    expect(gunzipSync(readFileSync(archive)).includes('the bytes of a video')).toBe(false);
  });

  it('replaces a file only when told to', () => {
    expect(refusedToReplace).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('--force'),
      left: 'precious',
    });
    expect(readFileSync(archive).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  });

  it('sends those who use PostgreSQL to pg_dump', async () => {
    const env = { DATABASE_URL: 'postgres://h/d', HUB_MASTER_KEY: randomBytes(32).toString('base64') };
    expect(await hub(['backup', join(root, 'x')], env)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('pg_dump'),
    });
    expect(await hub(['restore', archive], env)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('pg_restore'),
    });
  });

  it('says where there is nothing to back up, and makes nothing there', async () => {
    const nowhere = join(root, 'nowhere');
    expect(await hub(['backup', join(root, 'x')], { DATA_DIR: nowhere })).toMatchObject({
      exitCode: 1,
      stderr: `There is no embedded database in ${nowhere}.\n`,
    });
    expect(existsSync(nowhere)).toBe(false);
    expect(existsSync(join(root, 'x'))).toBe(false);
    expect(await hub(['backup'])).toMatchObject({ exitCode: 2 });
  });

  it('refuses a master key that does not open the database', async () => {
    const file = join(root, 'wrong-key');
    const result = await hub(['backup', file], { HUB_MASTER_KEY: randomBytes(32).toString('base64') });
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('does not open') });
    expect(existsSync(file)).toBe(false);
  });

  it(
    'leaves HUB_MASTER_KEY out, says so, and can be restored with it',
    async () => {
      const dir = join(root, 'keyless');
      const env = { DATA_DIR: dir, HUB_MASTER_KEY: randomBytes(32).toString('base64') };
      const settings = parseSettings(env);
      await copyDatabaseTo(dir);
      const database = await Database.open(settings.database);
      await openKeyring(database.sql, settings);
      await database.close();
      const file = join(root, 'keyless.tar.gz');
      expect(await hub(['backup', file], env)).toMatchObject({
        exitCode: 0,
        stderr: expect.stringContaining('comes from HUB_MASTER_KEY'),
      });
      expect(gunzipSync(readFileSync(file)).includes('master.key')).toBe(false);
      const unknown = await hub(['backup', file, '--force'], { DATA_DIR: dir });
      expect(unknown).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('NO MASTER KEY') });
      const other = { ...env, HUB_MASTER_KEY: randomBytes(32).toString('base64') };
      const elsewhere = join(root, 'keyless-restored');
      expect(await hub(['restore', file], { ...other, DATA_DIR: elsewhere })).toMatchObject({ exitCode: 1 });
      expect(await hub(['restore', file], { ...env, DATA_DIR: elsewhere })).toMatchObject({ exitCode: 0 });
    },
    SLOW_MS,
  );

  it(
    'of a running hub that goes on writing has sound books of one moment, and its directory cannot be restored into',
    async () => {
      const dir = join(root, 'running');
      const file = join(root, 'running.tar.gz');
      await withHub(dir, async (database, keyring) => {
        const { accountIds } = await writeSampleBooks(database.sql, keyring);
        const channels = new ChannelStore(database.sql, new CredentialCipher(keyring));
        const settings = parseSettings({ DATA_DIR: dir });
        const server = new CommandServer(join(dir, 'hub.sock'), {
          ...{ sql: database.sql, keyring, channels, settings, publish: async () => undefined },
        });
        await server.start();
        let isWriting = true;
        let written = 0;
        const writer = (async () => {
          for (; isWriting; written++) {
            // The embedded database answers without ever leaving the turn of the event loop: everybody else gets one here,
            // as between the requests of a hub.
            await pause(3);
            await settled(database.sql, accountIds[1] ?? '', null, new Date(), 1n);
          }
        })();
        const before = written;
        expect(await hub(['backup', file], { DATA_DIR: dir })).toMatchObject({ exitCode: 0 });
        isWriting = false;
        await writer;
        expect(written).toBeGreaterThan(before + 10);
        const refused = await hub(['restore', archive, '--force'], { DATA_DIR: dir });
        expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is using') });
        await server.close();
      });
      const elsewhere = join(root, 'running-restored');
      const { exitCode, stdout } = await hub(['restore', file], { DATA_DIR: elsewhere });
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^accounts that disagree with their entries +0 +0 +same$/m);
      expect(stdout).toMatch(/^accounts that disagree with their open holds +0 +0 +same$/m);
      expectPrivate(elsewhere);
      await withHub(elsewhere, async ({ sql }) => {
        const [row] = await sql.query(
          `select (select sum(cost) from usage_event) = (select sum(settled) from hold) as costs_agree`,
        );
        expect(row).toMatchObject({ costs_agree: true });
      });
    },
    SLOW_MS,
  );
});

describe('restore', () => {
  it(
    'leaves an installation alone unless it may move it aside, keeps that, and gives back books, keys and credentials',
    async () => {
      const dir = join(root, 'old');
      await withHub(dir, ({ sql }) => sql.query(`insert into model (id) values ('of the old one')`));
      const result = writeResult(dir);
      const before = contentsOf(dir);
      expect(await hub(['restore', archive], { DATA_DIR: dir })).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('--force'),
      });
      expect(contentsOf(dir)).toEqual(before);

      const restored = await hub(['restore', archive, '--force'], { DATA_DIR: dir });
      expect(restored).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('the books are the same') });
      expect(restored.stdout).not.toContain('DIFFERENT');
      expectPrivate(dir);
      await withHub(dir, async ({ sql }, keyring) => {
        expect(await sql.transaction(readBooksDigest)).toEqual(books);
        await expectWorkingSecrets(sql, keyring);
      });
      // Links to results that the restored database knows go on working.
      expect(readFileSync(result, 'utf8')).toBe('the bytes of a video');
      const aside = readdirSync(root).filter((name) => name.startsWith('old.before-'));
      expect(aside).toHaveLength(1);
      await withHub(join(root, aside[0] ?? ''), async ({ sql }) => {
        expect(await sql.query(`select id from model where id = 'of the old one'`)).toHaveLength(1);
      });
    },
    SLOW_MS,
  );

  it.each([
    ['a changed file', (tar: Buffer) => flip(tar, tar.indexOf('PostgreSQL')), 'is not what the manifest says'],
    ['other sums than it says', lie, 'account customer: sum of credits_posted'],
    ['a schema of the future', fromTheFuture, 'newer version'],
  ])(
    'refuses an archive with %s, and changes nothing',
    async (_title, damage, message) => {
      const file = join(root, 'damaged.tar.gz');
      writeFileSync(file, gzipSync(damage(gunzipSync(readFileSync(archive))), { level: 1 }));
      const before = contentsOf(dataDir);
      const result = await hub(['restore', file, '--force']);
      expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(message) });
      expect(contentsOf(dataDir)).toEqual(before);
      expect(readdirSync(dataDir).filter((name) => name.startsWith('restore-'))).toEqual([]);
      expect(readdirSync(root).filter((name) => name.startsWith('data.'))).toEqual([]);
    },
    SLOW_MS,
  );
});

/** A directory that was restored: for its owner only, and with nothing left of the work. */
function expectPrivate(dir: string): void {
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(statSync(join(dir, 'master.key')).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(expect.arrayContaining(['master.key', 'pg']));
  expect(readdirSync(dir).filter((name) => name.startsWith('restore-'))).toEqual([]);
}

async function expectWorkingSecrets(sql: Database['sql'], keyring: Keyring): Promise<void> {
  const found = await findApiKey(sql, hashApiKey(keyring.apiKeyPepper, sample.apiKey));
  expect(found).toMatchObject({ accountId: sample.accountIds[0], models: ['a,b', '"quoted"', '{}', 'NULL'] });
  const [row] = await sql.query<{ credential: Buffer }>('select credential from channel where id = $1', [
    sample.channelId,
  ]);
  const cipher = new CredentialCipher(keyring);
  expect(await cipher.decrypt(row?.credential ?? Buffer.alloc(0), credentialBinding(sample.channelId))).toBe(
    sample.credential,
  );
}

function flip(tar: Buffer, at: number): Buffer {
  tar[at] = (tar[at] ?? 0) ^ 1;
  return tar;
}

function lie(tar: Buffer): Buffer {
  const at = tar.indexOf('"value": "15000', tar.indexOf('account customer: sum of credits_posted'));
  tar.write('"value": "15001', at);
  return tar;
}

function fromTheFuture(tar: Buffer): Buffer {
  tar.write('Migration2027', tar.lastIndexOf('"Migration2026') + 1);
  return tar;
}
