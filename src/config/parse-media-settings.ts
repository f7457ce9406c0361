import { join, resolve } from 'node:path';
import { isPlainUrl } from './is-plain-url.js';
import type { SettingReader } from './setting-reader.js';
import type { MediaSettings, S3Settings } from './settings.js';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const BYTES_MAX = 10 ** 15 - 1;
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const RETENTION_DAYS_MAX = 3650;
// S3 allows 1024 bytes for a whole name.
const PREFIX = /^[A-Za-z0-9][A-Za-z0-9!_.*'()-]*(\/[A-Za-z0-9][A-Za-z0-9!_.*'()-]*)*\/?$/;
const PREFIX_CHARS_MAX = 512;

/**
 * Reads what becomes of results.
 *
 * @param dataDir as parsed; a URL such as `memory://` is kept as it is.
 */
export function parseMediaSettings(reader: SettingReader, dataDir: string): MediaSettings {
  return {
    delivery: reader.oneOf('HUB_RESULT_DELIVERY', 'copy', ['copy', 'link']),
    retentionMs: reader.integer('HUB_RESULT_RETENTION_MS', 7 * DAY_MS, 1000, RETENTION_DAYS_MAX * DAY_MS),
    linkMs: reader.integer('HUB_RESULT_LINK_MS', DAY_MS, 1000, RETENTION_DAYS_MAX * DAY_MS),
    dir: folder(reader.text('HUB_MEDIA_DIR'), dataDir),
    fileBytesMax: reader.integer('HUB_MEDIA_FILE_BYTES_MAX', GIB, 1024, 1024 * GIB),
    bytesMax: reader.optionalInteger('HUB_MEDIA_BYTES_MAX', MIB, BYTES_MAX),
    freeBytesMin: reader.integer('HUB_MEDIA_FREE_BYTES_MIN', GIB, 0, BYTES_MAX),
    s3: s3(reader),
  };
}

function folder(value: string | undefined, dataDir: string): string {
  if (value !== undefined) return resolve(value);
  return dataDir.includes('://') ? dataDir : join(dataDir, 'media');
}

function s3(reader: SettingReader): S3Settings | undefined {
  const endpoint = reader.url('HUB_S3_ENDPOINT', ['https:', 'http:']);
  const bucket = reader.text('HUB_S3_BUCKET');
  const region = reader.text('HUB_S3_REGION') ?? 'us-east-1';
  const accessKeyId = reader.text('HUB_S3_ACCESS_KEY_ID') ?? '';
  const secretAccessKey = reader.secret('HUB_S3_SECRET_ACCESS_KEY') ?? '';
  const prefix = reader.text('HUB_S3_PREFIX') ?? '';
  const isPathStyle = reader.oneOf('HUB_S3_PATH_STYLE', endpoint === undefined ? 'false' : 'true', ['true', 'false']);
  if (endpoint !== undefined && !isPlainUrl(endpoint)) {
    reader.refuse('HUB_S3_ENDPOINT', 'must have no user, query or fragment');
  }
  if (prefix !== '' && (!PREFIX.test(prefix) || prefix.length > PREFIX_CHARS_MAX)) {
    reader.refuse('HUB_S3_PREFIX', 'must be names with a slash between them that begin with a letter or digit');
  }
  if (bucket === undefined) return undefined;
  if (accessKeyId === '') reader.refuse('HUB_S3_ACCESS_KEY_ID', 'is required with HUB_S3_BUCKET');
  if (secretAccessKey === '') reader.refuse('HUB_S3_SECRET_ACCESS_KEY', 'is required with HUB_S3_BUCKET');
  return {
    endpoint,
    bucket,
    region,
    accessKeyId,
    secretAccessKey,
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    isPathStyle: isPathStyle === 'true',
  };
}
