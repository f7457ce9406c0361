import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { INVARIANTS } from '../../src/audit/invariants.js';
import { ChannelStore } from '../../src/channels/channel-store.js';
import { CommandServer } from '../../src/cli/command-server.js';
import { runCli } from '../../src/cli/run-cli.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import type { Database } from '../../src/database/database.js';
import { TOPIC_KEYS } from '../../src/redis/topics.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { openMemoryDatabase } from '../support/database.js';
import { makeAccount, makeBooks } from '../support/ledger-calls.js';

/** A hub that is running on the embedded database: commands reach it over its socket. */
let database: Database;
let server: CommandServer;
let dataDir: string;
const published: string[] = [];

beforeAll(async () => {
  Logger.overrideLogger(false);
  dataDir = mkdtempSync(join(tmpdir(), 'hub-audit-'));
  database = await openMemoryDatabase();
  const keyring = await Keyring.open(database.sql, randomBytes(32));
  server = new CommandServer(join(dataDir, 'hub.sock'), {
    sql: database.sql,
    keyring,
    channels: new ChannelStore(database.sql, new CredentialCipher(keyring)),
    settings: parseSettings({ DATA_DIR: dataDir }),
    publish: async (topic) => void published.push(topic),
  });
  await server.start();
  await database.sql.transaction(makeBooks);
});
afterAll(async () => {
  await server.close();
  await database.close();
  rmSync(dataDir, { recursive: true });
});

const hub = (...argv: string[]) => runCli({ argv, env: { DATA_DIR: dataDir }, readStdin: async () => '' });

describe('books:audit', () => {
  it('prints a line for every invariant, and exits with 0 when all hold', async () => {
    const { exitCode, stdout = '', stderr } = await hub('books:audit');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'The books are in order.\n' });
    for (const { id, title } of INVARIANTS) {
      expect(stdout).toMatch(new RegExp(`^${id} +ok +0 +\\d+ +${title}$`, 'm'));
    }
  });

  it('exits with 1 when one does not hold, says which and shows the rows', async () => {
    const account = await makeAccount(database.sql);
    await database.sql.query('update account set used_posted = 3 where id = $1', [account]);
    const { exitCode, stdout = '', stderr } = await hub('books:audit');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: 'Not in order: I16.\n' });
    expect(stdout).toMatch(/^I16 +BAD +1 /m);
    expect(stdout).toContain(`I16:\n  account ${account}: used_posted is 3, entries say 0\n`);
    expect(await hub('books:audit', '--account', '1')).toMatchObject({ exitCode: 0 });
    expect(await hub('books:audit', '--only', 'I4,I8')).toMatchObject({ exitCode: 0 });
    const [row] = await database.sql.query('select status from account where id = $1', [account]);
    expect(row).toEqual({ status: 'active' });
  });

  it.each([
    [['--only', 'I99'], 'there is no invariant I99'],
    [['--account', 'mine'], 'an account is named by its id'],
  ])('refuses %j', async (args, text) => {
    const { exitCode, stderr } = await hub('books:audit', ...args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(text) });
  });
});

describe('account:unfreeze', () => {
  it('lets a frozen account be used again, tells all instances and keeps the reason', async () => {
    const account = await makeAccount(database.sql);
    await database.sql.query(`update account set status = 'frozen' where id = $1`, [account]);
    const result = await hub('account:unfreeze', account, '--reason', 'posted twice, adjusted');
    expect(result).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining(`Account ${account} is active again`),
    });
    expect(await database.sql.query('select status from account where id = $1', [account])).toEqual([
      { status: 'active' },
    ]);
    expect(published).toEqual([TOPIC_KEYS]);
    expect(await database.sql.query('select message from alert where subject = $1', [`account:${account}`])).toEqual([
      { message: `Account ${account} was unfrozen: posted twice, adjusted` },
    ]);
    expect(await hub('account:unfreeze', account, '--reason', 'again')).toEqual({
      exitCode: 1,
      stderr: `Account ${account} is not frozen but active.\n`,
    });
  });

  it.each([
    [['1000'], 2],
    [['one', '--reason', 'x'], 2],
    [['999999', '--reason', 'x'], 1],
  ])('refuses %j', async (args, exitCode) => {
    expect(await hub('account:unfreeze', ...args)).toMatchObject({ exitCode });
  });
});
