import { resolve } from 'node:path';
import { generateApiKey } from '../common/api-key.js';
import { parseSettings } from './parse-settings.js';
import { SettingsError } from './setting-reader.js';

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
const POSTGRES = { DATABASE_URL: 'postgres://hub@localhost/hub', HUB_MASTER_KEY: MASTER_KEY };

function problemsOf(env: Record<string, string>): string[] {
  try {
    parseSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map((problem) => `${problem.name} ${problem.rule}`);
    throw error;
  }
}

describe('parseSettings', () => {
  it('starts from nothing with the documented defaults', () => {
    const settings = parseSettings({});
    expect(settings.server).toMatchObject({ host: '127.0.0.1', port: 3000, publicUrl: 'http://127.0.0.1:3000' });
    expect(settings.server).toMatchObject({ trustProxy: false, corsOrigins: [], drainTimeoutMs: 30_000 });
    expect(settings.database).toEqual({
      url: undefined,
      dataDir: resolve('data'),
      poolMax: 10,
      ledgerPoolMax: 4,
      adminPoolMax: 4,
    });
    expect(settings.billing).toEqual({ outputTokensDefault: 4096, streamSliceTokens: 4096, holdLeaseMs: 60_000 });
    expect(settings.bootstrap.initialQuotaUnits).toBe(10_000n);
    expect(settings).toMatchObject({ isProduction: false, workers: 1, sandbox: 'auto', logLevel: 'info' });
  });

  it('counts a variable that is set to nothing as not set', () => {
    expect(parseSettings({ REDIS_URL: '', PORT: ' ', HUB_API_KEY: '' })).toEqual(parseSettings({}));
  });

  it('cannot be changed afterwards, at any level', () => {
    const settings = parseSettings({ HUB_CORS_ORIGINS: 'https://a.example' });
    for (const level of [settings, settings.server, settings.server.corsOrigins])
      expect(Object.isFrozen(level)).toBe(true);
  });

  it('reports every problem at once', () => {
    expect(problemsOf({ PORT: '70000', LOG_LEVEL: 'loud', HUB_SANDBOX: 'maybe' })).toEqual([
      'PORT must be a whole number from 0 to 65535',
      'HUB_SANDBOX must be one of auto, on, off',
      'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent',
    ]);
  });

  it.each([
    ['HUB_MASTER_KEY', 'c2VjcmV0LXZhbHVl'],
    ['HUB_API_KEY', 'sk_live_secret-value'],
    ['HUB_ADMIN_PASSWORD', 'secret!'],
    ['DATABASE_URL', 'mysql://secret-value@host/db'],
    ['REDIS_URL', 'http://secret-value'],
    ['HUB_PUBLIC_URL', 'https://user:secret-value@host'],
    ['HUB_ADMIN_EMAIL', 'secret-value'],
    ['HUB_TRUST_PROXY', 'true'],
    ['HUB_TRUST_PROXY', '10.0.0.0/33'],
    ['HUB_CORS_ORIGINS', 'https://a.example/path'],
    ['HUB_CORS_ORIGINS', '*,https://a.example'],
    ['HUB_ALERT_WEBHOOK_URL', 'ftp://secret-value'],
    ['HUB_ALERT_WEBHOOK_ALLOW_PRIVATE', 'yes'],
    ['HUB_LOW_BALANCE_UNITS', '-1'],
    ['HUB_AUDIT_HOUR_UTC', '24'],
    ['HUB_RESULT_DELIVERY', 'redirect'],
    ['HUB_RESULT_LINK_MS', '24h'],
    ['HUB_MEDIA_BYTES_MAX', '1'],
    ['HUB_S3_ENDPOINT', 'https://user:secret-value@storage.example'],
    ['HUB_S3_PREFIX', '../secret-value'],
    ['HUB_S3_PATH_STYLE', 'maybe'],
    ['HUB_INITIAL_QUOTA', '-1'],
    ['HUB_INITIAL_QUOTA', '9223372036855'],
    ['HUB_INITIAL_QUOTA', '1.5'],
    ['PORT', '0x50'],
    ['HOST', 'http://localhost'],
    ['HUB_DRAIN_TIMEOUT_MS', '30s'],
    ['HUB_WORKERS', '0'],
    ['HUB_KEY_RPM_DEFAULT', '0'],
    ['HUB_ACCOUNT_TPM_DEFAULT', '2147483648'],
    ['HUB_PUBLIC_RPM', 'many'],
    // One heartbeat that fails would cost living requests their holds.
    ['HUB_HOLD_LEASE_MS', '9999'],
  ])('refuses a bad %s by name and never shows its value', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems.some((problem) => problem.startsWith(`${name} `))).toBe(true);
    expect(problems.join('\n')).not.toContain(value.length > 5 ? value : '\0');
  });

  it('limits keys and accounts by no default, and by those that are set', () => {
    expect(parseSettings({}).limits).toEqual({ keyDefaults: {}, accountDefaults: {}, publicRpm: 300 });
    const env = { HUB_KEY_RPM_DEFAULT: '60', HUB_KEY_CONCURRENCY_DEFAULT: '5', HUB_ACCOUNT_TPM_DEFAULT: '2147483647' };
    expect(parseSettings(env).limits).toMatchObject({
      keyDefaults: { rpm: 60, concurrency: 5 },
      accountDefaults: { tpm: 2_147_483_647 },
    });
  });

  it('keeps results in a folder of the data directory, for seven days', () => {
    expect(parseSettings({ DATA_DIR: '/srv/hub' }).media).toEqual({
      delivery: 'copy',
      retentionMs: 604_800_000,
      linkMs: 86_400_000,
      dir: '/srv/hub/media',
      fileBytesMax: 2 ** 30,
      bytesMax: undefined,
      freeBytesMin: 2 ** 30,
      s3: undefined,
    });
    expect(parseSettings({ DATA_DIR: 'memory://' }).media.dir).toBe('memory://');
    expect(parseSettings({ DATA_DIR: 'memory://', HUB_MEDIA_DIR: '/srv/media' }).media.dir).toBe('/srv/media');
  });

  it('keeps results in a bucket when one is named, and wants its credential', () => {
    const bucket = { HUB_S3_BUCKET: 'b', HUB_S3_ACCESS_KEY_ID: 'id', HUB_S3_SECRET_ACCESS_KEY: 's' };
    const common = { bucket: 'b', region: 'us-east-1', accessKeyId: 'id', secretAccessKey: 's' };
    expect(parseSettings(bucket).media.s3).toEqual({ ...common, prefix: '', endpoint: undefined, isPathStyle: false });
    expect(
      parseSettings({ ...bucket, HUB_S3_ENDPOINT: 'http://127.0.0.1:9000', HUB_S3_PREFIX: 'a/b' }).media.s3,
    ).toEqual({ ...common, prefix: 'a/b/', endpoint: 'http://127.0.0.1:9000', isPathStyle: true });
    expect(problemsOf({ HUB_S3_BUCKET: 'b' })).toEqual([
      'HUB_S3_ACCESS_KEY_ID is required with HUB_S3_BUCKET',
      'HUB_S3_SECRET_ACCESS_KEY is required with HUB_S3_BUCKET',
    ]);
  });

  it('takes the master key as 32 bytes, with or without padding', () => {
    const key = Buffer.alloc(32, 7);
    expect(parseSettings({ HUB_MASTER_KEY: MASTER_KEY }).masterKey).toEqual(key);
    expect(parseSettings({ HUB_MASTER_KEY: MASTER_KEY.replace('=', '') }).masterKey).toEqual(key);
  });

  it('takes a well-formed API key, and refuses one with a typing error', () => {
    const key = generateApiKey();
    expect(parseSettings({ HUB_API_KEY: key }).bootstrap.apiKey).toBe(key);
    const typo = key.slice(0, 8) + (key[8] === 'a' ? 'b' : 'a') + key.slice(9);
    expect(problemsOf({ HUB_API_KEY: typo })).toHaveLength(1);
  });

  it('wants a master key with PostgreSQL, where no key file is kept', () => {
    expect(problemsOf({ DATABASE_URL: POSTGRES.DATABASE_URL })).toEqual([
      'HUB_MASTER_KEY is required with DATABASE_URL; make one with: openssl rand -base64 32',
    ]);
    expect(problemsOf(POSTGRES)).toEqual([]);
  });

  it('wants a secret of some length with a webhook, which would else be signed by anybody', () => {
    const url = { HUB_ALERT_WEBHOOK_URL: 'https://alerts.example/hub?token=x' };
    for (const secret of ['', 'too short']) {
      const [problem] = problemsOf({ ...url, HUB_ALERT_WEBHOOK_SECRET: secret });
      expect(problem).toContain('HUB_ALERT_WEBHOOK_SECRET is required with HUB_ALERT_WEBHOOK_URL');
    }
    expect(problemsOf({ ...url, HUB_ALERT_WEBHOOK_SECRET: ' 16 characters  ' })).toEqual([]);
    expect(
      problemsOf({
        HUB_ALERT_WEBHOOK_URL: 'https://user:secret@alerts.example',
        HUB_ALERT_WEBHOOK_SECRET: ' 16 characters  ',
      }),
    ).toEqual(['HUB_ALERT_WEBHOOK_URL must have no user and no fragment']);
    expect(parseSettings({}).alerts).toEqual({ webhook: undefined, lowBalance: 0n });
    expect(parseSettings({ HUB_LOW_BALANCE_UNITS: '1500' }).alerts.lowBalance).toBe(1_500_000_000n);
  });

  it('refuses several workers on the embedded database', () => {
    expect(problemsOf({ HUB_WORKERS: '2' })).toEqual([
      'HUB_WORKERS must be 1 without DATABASE_URL: the embedded database serves one process',
    ]);
    expect(parseSettings({ ...POSTGRES, HUB_WORKERS: '2' }).workers).toBe(2);
  });

  it.each([
    [{ HOST: '0.0.0.0', PORT: '80' }, 'http://localhost:80'],
    [{ HOST: '::1' }, 'http://[::1]:3000'],
    [{ HUB_PUBLIC_URL: 'https://hub.example/base/' }, 'https://hub.example/base'],
  ])('makes the public URL of %j', (env, url) => {
    expect(parseSettings(env).server.publicUrl).toBe(url);
  });

  it.each([
    ['false', false],
    ['0', false],
    ['2', 2],
    ['10.0.0.0/8, ::1', ['10.0.0.0/8', '::1']],
  ])('reads HUB_TRUST_PROXY=%s', (text, expected) => {
    expect(parseSettings({ HUB_TRUST_PROXY: text }).server.trustProxy).toEqual(expected);
  });
});
