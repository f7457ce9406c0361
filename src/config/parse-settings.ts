import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type * as validator from 'class-validator';
import { isWellFormedApiKey } from '../common/api-key.js';
import { NANO_PER_QUOTA_UNIT } from '../common/money.js';
import { deepFreeze } from './deep-freeze.js';
import { isPlainUrl } from './is-plain-url.js';
import { parseMediaSettings } from './parse-media-settings.js';
import { parseObservabilitySettings } from './parse-observability-settings.js';
import { SettingReader, SettingsError } from './setting-reader.js';
import type { LimitSettings, Settings, WebhookSettings } from './settings.js';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
/** What the columns of single keys and accounts hold. */
const LIMIT_MAX = 2 ** 31 - 1;
/** Two heartbeats: a single one that fails must not cost a living request its hold. */
// A worker renews its leases every third of that.
const JOB_LEASE_MS_MIN = 2_000;
const HOLD_LEASE_MS_MIN = 10_000;
const HOLD_LEASE_MS_MAX = 60 * 60_000;
const PASSWORD_CHARS_MIN = 8;
const PASSWORD_CHARS_MAX = 1024;
const WEBHOOK_SECRET_CHARS_MIN = 16;
const INITIAL_QUOTA_UNITS_DEFAULT = 10_000n;
/** The ledger counts nano-credits in a signed 64-bit column. */
const QUOTA_UNITS_MAX = (2n ** 63n - 1n) / NANO_PER_QUOTA_UNIT;

/** DATA_DIR with this value keeps the embedded database in memory only: for tests and throw-away runs. */
export const MEMORY_DATA_DIR = 'memory://';

/**
 * Turns the environment into settings: validated, with defaults filled in, frozen to the last level.
 *
 * @throws SettingsError that names every variable that breaks a rule, never its value.
 */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const reader = new SettingReader(env);
  const data = dataDir(reader);
  const settings: Settings = {
    isProduction: env['NODE_ENV'] === 'production',
    server: server(reader),
    database: {
      url: reader.url('DATABASE_URL', ['postgres:', 'postgresql:']),
      dataDir: data,
      poolMax: reader.integer('HUB_DATABASE_POOL_MAX', 10, 1, 1000),
      ledgerPoolMax: reader.integer('HUB_LEDGER_POOL_MAX', 4, 2, 64),
      adminPoolMax: reader.integer('HUB_ADMIN_POOL_MAX', 4, 1, 64),
    },
    redisUrl: reader.url('REDIS_URL', ['redis:', 'rediss:']),
    workers: reader.integer('HUB_WORKERS', 1, 1, 256),
    configFile: absolutePath(reader.text('HUB_CONFIG')),
    masterKey: masterKey(reader),
    bootstrap: bootstrap(reader),
    sandbox: reader.oneOf('HUB_SANDBOX', 'auto', ['auto', 'on', 'off']),
    logLevel: reader.oneOf('LOG_LEVEL', 'info', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    upstream: {
      connectTimeoutMs: reader.milliseconds('HUB_UPSTREAM_CONNECT_TIMEOUT_MS', 2_000),
      headersTimeoutMs: reader.milliseconds('HUB_UPSTREAM_HEADERS_TIMEOUT_MS', 300_000),
      idleTimeoutMs: reader.milliseconds('HUB_UPSTREAM_IDLE_TIMEOUT_MS', 120_000),
      totalTimeoutMs: reader.milliseconds('HUB_UPSTREAM_TOTAL_TIMEOUT_MS', 900_000),
      bodyBytesMax: reader.integer('HUB_UPSTREAM_BODY_BYTES_MAX', 64 * MIB, 1024, GIB),
      lineBytesMax: reader.integer('HUB_UPSTREAM_LINE_BYTES_MAX', MIB, 1024, 64 * MIB),
      connectionsMax: reader.integer('HUB_UPSTREAM_CONNECTIONS_MAX', 4096, 1, 65_536),
    },
    limits: {
      keyDefaults: limitDefaults(reader, 'KEY'),
      accountDefaults: limitDefaults(reader, 'ACCOUNT'),
      publicRpm: reader.integer('HUB_PUBLIC_RPM', 300, 1, LIMIT_MAX),
    },
    billing: {
      outputTokensDefault: reader.integer('HUB_OUTPUT_TOKENS_DEFAULT', 4096, 1, 10_000_000),
      streamSliceTokens: reader.integer('HUB_STREAM_SLICE_TOKENS', 4096, 16, 10_000_000),
      holdLeaseMs: reader.integer('HUB_HOLD_LEASE_MS', 60_000, HOLD_LEASE_MS_MIN, HOLD_LEASE_MS_MAX),
    },
    jobs: {
      statusMsMax: reader.milliseconds('HUB_JOB_STATUS_MS_MAX', 15_000, 20),
      queueMs: reader.milliseconds('HUB_JOB_QUEUE_MS', 3_600_000, 1000),
      leaseMs: reader.milliseconds('HUB_JOB_LEASE_MS', 30_000, JOB_LEASE_MS_MIN),
    },
    relay: {
      firstTokenTimeoutMs: reader.milliseconds('HUB_FIRST_TOKEN_TIMEOUT_MS', 10_000),
      gapTimeoutMs: reader.milliseconds('HUB_GAP_TIMEOUT_MS', 10_000),
      wholeTimeoutMs: reader.milliseconds('HUB_WHOLE_TIMEOUT_MS', 60_000),
      streamHoldMs: reader.milliseconds('HUB_STREAM_HOLD_MS', 15_000, 0),
      streamPingMs: reader.milliseconds('HUB_STREAM_PING_MS', 15_000, 100),
    },
    routing: { channelProbeMs: reader.optionalInteger('HUB_CHANNEL_PROBE_MS', 100, 60_000) },
    admin: {
      isOn: reader.oneOf('HUB_ADMIN', 'on', ['on', 'off']) === 'on',
      isPlaygroundOn: isPlaygroundOn(reader, env['NODE_ENV'] === 'production'),
      operationsFile: absolutePath(reader.text('HUB_ADMIN_OPERATIONS')),
    },
    alerts: { webhook: alertWebhook(reader), lowBalance: lowBalance(reader) },
    media: parseMediaSettings(reader, data),
    webhooks: {
      allowPrivateNetwork: reader.oneOf('HUB_WEBHOOK_ALLOW_PRIVATE', 'false', ['true', 'false']) === 'true',
    },
    audit: { hourUtc: reader.integer('HUB_AUDIT_HOUR_UTC', 3, 0, 23) },
    retention: {
      usageMonths: reader.optionalInteger('HUB_RETENTION_USAGE_MONTHS', 1, 1200),
      jobsDays: reader.optionalInteger('HUB_RETENTION_JOBS_DAYS', 1, 36_500),
    },
    capture: { retentionHours: reader.integer('HUB_CAPTURE_RETENTION_HOURS', 72, 1, 8760) },
    observability: parseObservabilitySettings(reader),
  };
  checkTogether(settings, reader);
  if (reader.problems.length > 0) throw new SettingsError(reader.problems);
  return deepFreeze(settings);
}

function isPlaygroundOn(reader: SettingReader, isProduction: boolean): boolean {
  const wanted = reader.oneOf('HUB_ADMIN_PLAYGROUND', 'auto', ['auto', 'on', 'off']);
  return wanted === 'auto' ? !isProduction : wanted === 'on';
}

function server(reader: SettingReader): Settings['server'] {
  const host = reader.text('HOST') ?? '127.0.0.1';
  if (!isListenHost(host)) reader.refuse('HOST', 'must be an IP address or a host name, without scheme or port');
  const port = reader.integer('PORT', 3000, 0, 65_535);
  return {
    host,
    port,
    publicUrl: publicUrl(reader) ?? localUrl(host, port),
    trustProxy: trustProxy(reader),
    corsOrigins: corsOrigins(reader),
    drainTimeoutMs: reader.milliseconds('HUB_DRAIN_TIMEOUT_MS', 30_000, 0),
    headersTimeoutMs: reader.milliseconds('HUB_HEADERS_TIMEOUT_MS', 10_000, 100),
    requestTimeoutMs: reader.milliseconds('HUB_REQUEST_TIMEOUT_MS', 60_000, 100),
    keepAliveTimeoutMs: reader.milliseconds('HUB_KEEP_ALIVE_TIMEOUT_MS', 65_000, 100),
    bodyBytesMax: reader.integer('HUB_BODY_BYTES_MAX', 20 * MIB, 1024, GIB),
    uploadBytesMax: reader.integer('HUB_UPLOAD_BYTES_MAX', 100 * MIB, 1024, 4 * GIB),
  };
}

function limitDefaults(reader: SettingReader, whose: 'KEY' | 'ACCOUNT'): LimitSettings {
  return {
    rpm: reader.optionalInteger(`HUB_${whose}_RPM_DEFAULT`, 1, LIMIT_MAX),
    tpm: reader.optionalInteger(`HUB_${whose}_TPM_DEFAULT`, 1, LIMIT_MAX),
    concurrency: reader.optionalInteger(`HUB_${whose}_CONCURRENCY_DEFAULT`, 1, LIMIT_MAX),
  };
}

function isListenHost(host: string): boolean {
  return isIP(host) !== 0 || /^[a-z0-9]([a-z0-9._-]{0,252})$/i.test(host);
}

/** Where a person on this machine reaches the hub: a wildcard address is not one to call. */
function localUrl(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

function publicUrl(reader: SettingReader): string | undefined {
  const value = reader.url('HUB_PUBLIC_URL', ['http:', 'https:']);
  if (value === undefined) return undefined;
  if (!isPlainUrl(value)) reader.refuse('HUB_PUBLIC_URL', 'must have no user, query or fragment');
  return value.replace(/\/+$/, '');
}

function trustProxy(reader: SettingReader): Settings['server']['trustProxy'] {
  const items = reader.list('HUB_TRUST_PROXY');
  const [first] = items;
  if (first === undefined || (items.length === 1 && first === 'false')) return false;
  if (items.length === 1 && /^\d{1,2}$/.test(first)) return Number(first) || false;
  // `true` would believe an X-Forwarded-For from anybody, and with it any address a caller cares to invent.
  if (!items.every(isAddressOrRange)) {
    reader.refuse(
      'HUB_TRUST_PROXY',
      'must be false, a number of hops, or a comma-separated list of addresses or CIDRs',
    );
  }
  return items;
}

function isAddressOrRange(item: string): boolean {
  const [address = '', prefix, ...rest] = item.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

function corsOrigins(reader: SettingReader): readonly string[] {
  const items = reader.list('HUB_CORS_ORIGINS');
  const isUsable = items.every((item) => item === '*' || (URL.canParse(item) && new URL(item).origin === item));
  if (!isUsable || (items.includes('*') && items.length > 1)) {
    reader.refuse(
      'HUB_CORS_ORIGINS',
      'must be * alone or a comma-separated list of origins such as https://app.example',
    );
  }
  return items;
}

function dataDir(reader: SettingReader): string {
  const value = reader.text('DATA_DIR') ?? './data';
  return value === MEMORY_DATA_DIR ? value : resolve(value);
}

function absolutePath(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function masterKey(reader: SettingReader): Buffer | undefined {
  const value = reader.text('HUB_MASTER_KEY');
  if (value === undefined) return undefined;
  const key = decodeMasterKey(value);
  if (!key) reader.refuse('HUB_MASTER_KEY', 'must be 32 bytes in base64; make one with: openssl rand -base64 32');
  return key;
}

/** The 32 bytes of a master key as it is written in settings and key files, or undefined when it is not one. */
export function decodeMasterKey(text: string): Buffer | undefined {
  const key = /^[0-9a-z+/]{43}=?$/i.test(text) ? Buffer.from(text, 'base64') : undefined;
  return key?.length === 32 ? key : undefined;
}

/** The package brings 370 modules, which take a tenth of a second: loaded only where there is an address to look at. */
function isEmail(text: string): boolean {
  const { isEmail: isAddress } = createRequire(import.meta.url)('class-validator') as typeof validator;
  return isAddress(text, { require_tld: false });
}

function bootstrap(reader: SettingReader): Settings['bootstrap'] {
  const adminEmail = reader.text('HUB_ADMIN_EMAIL');
  if (adminEmail !== undefined && !isEmail(adminEmail)) {
    reader.refuse('HUB_ADMIN_EMAIL', 'must be an e-mail address');
  }
  const adminPassword = reader.secret('HUB_ADMIN_PASSWORD');
  if (adminPassword !== undefined) {
    const length = [...adminPassword].length;
    if (length < PASSWORD_CHARS_MIN || length > PASSWORD_CHARS_MAX) {
      reader.refuse('HUB_ADMIN_PASSWORD', `must have ${PASSWORD_CHARS_MIN} to ${PASSWORD_CHARS_MAX} characters`);
    }
  }
  const apiKey = reader.text('HUB_API_KEY');
  if (apiKey !== undefined && !isWellFormedApiKey(apiKey)) {
    reader.refuse(
      'HUB_API_KEY',
      'must be sk_live_, 30 characters of 0-9A-Za-z and their checksum; npm run hub -- key:generate makes one',
    );
  }
  return {
    adminEmail,
    adminPassword,
    apiKey,
    initialQuotaUnits: quotaUnits(reader, 'HUB_INITIAL_QUOTA', INITIAL_QUOTA_UNITS_DEFAULT),
  };
}

function alertWebhook(reader: SettingReader): WebhookSettings | undefined {
  const url = reader.url('HUB_ALERT_WEBHOOK_URL', ['http:', 'https:']);
  const secret = reader.secret('HUB_ALERT_WEBHOOK_SECRET');
  const allowPrivateNetwork = reader.oneOf('HUB_ALERT_WEBHOOK_ALLOW_PRIVATE', 'false', ['true', 'false']) === 'true';
  if (url === undefined) return undefined;
  const { username, password, hash } = new URL(url);
  if (username !== '' || password !== '' || hash !== '') {
    reader.refuse('HUB_ALERT_WEBHOOK_URL', 'must have no user and no fragment');
  }
  // An empty secret would sign nothing: anybody could.
  if (secret === undefined || secret.length < WEBHOOK_SECRET_CHARS_MIN) {
    reader.refuse(
      'HUB_ALERT_WEBHOOK_SECRET',
      `is required with HUB_ALERT_WEBHOOK_URL and must have at least ${WEBHOOK_SECRET_CHARS_MIN} characters; make one with: openssl rand -hex 32`,
    );
  }
  return { url, secret: secret ?? '', allowPrivateNetwork };
}

function lowBalance(reader: SettingReader): bigint {
  return quotaUnits(reader, 'HUB_LOW_BALANCE_UNITS', 0n) * NANO_PER_QUOTA_UNIT;
}

function quotaUnits(reader: SettingReader, name: string, byDefault: bigint): bigint {
  const value = reader.text(name);
  if (value === undefined) return byDefault;
  const units = /^\d{1,19}$/.test(value) ? BigInt(value) : -1n;
  if (units >= 0n && units <= QUOTA_UNITS_MAX) return units;
  reader.refuse(name, `must be a whole number of quota units from 0 to ${QUOTA_UNITS_MAX}`);
  return byDefault;
}

/** Rules between settings. */
function checkTogether(settings: Settings, reader: SettingReader): void {
  const isPostgres = reader.text('DATABASE_URL') !== undefined;
  if (isPostgres && reader.text('HUB_MASTER_KEY') === undefined) {
    reader.refuse('HUB_MASTER_KEY', 'is required with DATABASE_URL; make one with: openssl rand -base64 32');
  }
  if (!isPostgres && settings.workers > 1) {
    reader.refuse('HUB_WORKERS', 'must be 1 without DATABASE_URL: the embedded database serves one process');
  }
}
