import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { MasterKeyError } from '../../src/secrets/master-key-error.js';
import { openKeyring } from '../../src/secrets/open-keyring.js';
import { rotateMasterKey } from '../../src/secrets/rotate-master-key.js';
import { openMemoryDatabase } from '../support/database.js';

const BINDING = 'channel:7:credential';
let database: Database;
let dataDir: string;

beforeAll(async () => {
  database = await openMemoryDatabase();
});
afterAll(() => database.close());

beforeEach(async () => {
  await database.sql.query('delete from secret_key');
  dataDir = mkdtempSync(join(tmpdir(), 'hub-secrets-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const withKeyFile = () => ({
  masterKey: undefined,
  database: { url: undefined, dataDir, poolMax: 1, ledgerPoolMax: 2 },
});
const withEnvironment = (masterKey: Buffer) => ({ ...withKeyFile(), masterKey });
const keyFile = () => join(dataDir, 'master.key');

describe('the keyring', () => {
  it('gives every instance the same keys, also when several start at once', async () => {
    const master = randomBytes(32);
    const [first, second] = await Promise.all([Keyring.open(database.sql, master), Keyring.open(database.sql, master)]);
    expect(first.apiKeyPepper).toEqual(second.apiKeyPepper);
    expect(first.credentialKey).toEqual(second.credentialKey);
    expect(first.apiKeyPepper).toHaveLength(32);
    expect(first.apiKeyPepper).not.toEqual(first.credentialKey.bytes);
  });

  it('derives a key for each purpose, the same in every instance and after every rotation', async () => {
    const master = randomBytes(32);
    const here = await Keyring.open(database.sql, master);
    const key = here.deriveKey('result link');
    expect(key).toHaveLength(32);
    expect(key).not.toEqual(here.apiKeyPepper);
    expect(here.deriveKey('another purpose')).not.toEqual(key);
    await here.rotateCredentialKey();
    const newMaster = randomBytes(32);
    await here.rewrap(newMaster);
    expect((await Keyring.open(database.sql, newMaster)).deriveKey('result link')).toEqual(key);
  });

  it('stores no key in the clear', async () => {
    const keyring = await Keyring.open(database.sql, randomBytes(32));
    const rows = await database.sql.query<{ wrapped: Buffer }>('select wrapped from secret_key');
    for (const { wrapped } of rows) {
      expect(wrapped.includes(keyring.apiKeyPepper)).toBe(false);
      expect(wrapped.includes(keyring.credentialKey.bytes)).toBe(false);
    }
  });

  it('refuses a master key that is not its own', async () => {
    await Keyring.open(database.sql, randomBytes(32));
    await expect(Keyring.open(database.sql, randomBytes(32))).rejects.toThrow(MasterKeyError);
  });

  it('refuses a wrapped key that was put in the place of another', async () => {
    const master = randomBytes(32);
    await Keyring.open(database.sql, master);
    await database.sql.query(
      `update secret_key set wrapped = (select wrapped from secret_key where purpose = 'api_key') where purpose = 'credential'`,
    );
    await expect(Keyring.open(database.sql, master)).rejects.toThrow(MasterKeyError);
  });
});

describe('credentials', () => {
  it('open for their own row only', async () => {
    const cipher = new CredentialCipher(await Keyring.open(database.sql, randomBytes(32)));
    const sealed = cipher.encrypt('sk-upstream', BINDING);
    expect(sealed.includes('sk-upstream')).toBe(false);
    expect(await cipher.decrypt(sealed, BINDING)).toBe('sk-upstream');
    await expect(cipher.decrypt(sealed, 'channel:8:credential')).rejects.toThrow();
    await expect(cipher.decrypt(Buffer.alloc(60), BINDING)).rejects.toThrow('Unknown format');
  });

  it('still open after the credential key was rotated, also by another instance', async () => {
    const master = randomBytes(32);
    const here = await Keyring.open(database.sql, master);
    const there = await Keyring.open(database.sql, master);
    const old = new CredentialCipher(here).encrypt('sk-old', BINDING);
    await there.rotateCredentialKey();
    const fresh = new CredentialCipher(there).encrypt('sk-new', BINDING);
    expect(new CredentialCipher(there).isOutdated(old)).toBe(true);
    expect(await new CredentialCipher(there).decrypt(old, BINDING)).toBe('sk-old');
    expect(await new CredentialCipher(here).decrypt(fresh, BINDING)).toBe('sk-new');
  });
});

describe('rotating the credential key', () => {
  it('goes on with the old one when the new one could not be stored', async () => {
    const keyring = await Keyring.open(database.sql, randomBytes(32));
    const { credentialKey } = keyring;
    const transaction = database.sql.transaction.bind(database.sql);
    jest.spyOn(database.sql, 'transaction').mockImplementationOnce((work) =>
      transaction(async (session) => {
        await work(session);
        throw new Error('not committed');
      }),
    );
    await expect(keyring.rotateCredentialKey()).rejects.toThrow('not committed');
    expect(keyring.credentialKey).toEqual(credentialKey);
    await keyring.rotateCredentialKey();
    expect(keyring.credentialKey).not.toEqual(credentialKey);
  });
});

describe('the key file', () => {
  it('is made on the first start, for its owner only, and used from then on', async () => {
    const first = await openKeyring(database.sql, withKeyFile());
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    const second = await openKeyring(database.sql, withKeyFile());
    expect(second.apiKeyPepper).toEqual(first.apiKeyPepper);
  });

  it('is not made anew when it is missing: it would open nothing', async () => {
    await openKeyring(database.sql, withKeyFile());
    rmSync(keyFile());
    await expect(openKeyring(database.sql, withKeyFile())).rejects.toThrow(`${keyFile()} is missing`);
    expect(() => statSync(keyFile())).toThrow();
  });

  it('names itself when it holds something else', async () => {
    writeFileSync(keyFile(), 'not a key');
    await expect(openKeyring(database.sql, withKeyFile())).rejects.toThrow(`${keyFile()} does not hold a master key`);
  });
});

describe('rotating the master key', () => {
  it('replaces the key file and changes nothing that the keys protect', async () => {
    const keyring = await openKeyring(database.sql, withKeyFile());
    const before = readFileSync(keyFile(), 'utf8');
    const sealed = new CredentialCipher(keyring).encrypt('sk-upstream', BINDING);
    expect(await rotateMasterKey(keyring, withKeyFile(), undefined)).toEqual({ rewrapped: 2, keptIn: 'file' });
    expect(readFileSync(keyFile(), 'utf8')).not.toBe(before);
    const after = await openKeyring(database.sql, withKeyFile());
    expect(after.apiKeyPepper).toEqual(keyring.apiKeyPepper);
    expect(await new CredentialCipher(after).decrypt(sealed, BINDING)).toBe('sk-upstream');
  });

  it('to a key of the environment shuts the old one out', async () => {
    const [old, fresh] = [randomBytes(32), randomBytes(32)];
    const keyring = await openKeyring(database.sql, withEnvironment(old));
    await rotateMasterKey(keyring, withEnvironment(old), fresh);
    await expect(openKeyring(database.sql, withEnvironment(old))).rejects.toThrow(MasterKeyError);
    expect((await openKeyring(database.sql, withEnvironment(fresh))).apiKeyPepper).toEqual(keyring.apiKeyPepper);
  });

  it('wants the new key where there is no key file', async () => {
    const settings = withEnvironment(randomBytes(32));
    const keyring = await openKeyring(database.sql, settings);
    await expect(rotateMasterKey(keyring, settings, undefined)).rejects.toThrow('HUB_MASTER_KEY_NEW must be set');
  });

  it.each(['before', 'after'])('survives a crash %s the database was written', async (moment) => {
    const keyring = await openKeyring(database.sql, withKeyFile());
    const fresh = randomBytes(32);
    writeFileSync(`${keyFile()}.next`, fresh.toString('base64'), { mode: 0o600 });
    if (moment === 'after') await keyring.rewrap(fresh);
    const after = await openKeyring(database.sql, withKeyFile());
    expect(after.apiKeyPepper).toEqual(keyring.apiKeyPepper);
    expect(() => statSync(`${keyFile()}.next`)).toThrow();
    expect((await openKeyring(database.sql, withKeyFile())).apiKeyPepper).toEqual(keyring.apiKeyPepper);
  });
});
