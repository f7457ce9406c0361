import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '../../config/settings.js';
import { MEDIA_KEY, MediaStorage, type NewMediaFile } from './media-storage.js';

const PART_BYTES_MIN = 8 * 1024 * 1024;
/** What S3 allows (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html). */
const PARTS_MAX = 10_000;
/** Parts of one file that are in memory together. */
const PARTS_AT_ONCE = 2;
const CONNECT_TIMEOUT_MS = 5_000;
/** Silence on a connection. */
const SOCKET_TIMEOUT_MS = 60_000;
const REMOVALS_AT_ONCE = 8;
const UPLOAD_STALE_MS = 24 * 60 * 60_000;

/** Loaded when it is first needed: a hub that keeps its results in a folder does not pay for it. */
async function load(settings: S3Settings) {
  const [sdk, { Upload }] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
  const client: S3Client = new sdk.S3Client({
    region: settings.region,
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
    forcePathStyle: settings.isPathStyle,
    credentials: { accessKeyId: settings.accessKeyId, secretAccessKey: settings.secretAccessKey },
    // The client's newer checksums are unknown to many services that speak the protocol.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
  });
  return { sdk, client, Upload };
}

/** Files in a bucket of S3 or of anything that speaks its protocol. */
export class S3Storage extends MediaStorage {
  private loading: ReturnType<typeof load> | undefined;

  /** @param fileBytesMax largest file, from which the size of its parts follows. */
  constructor(
    private readonly settings: S3Settings,
    private readonly fileBytesMax: number,
  ) {
    super();
  }

  override async put({ key, contentType, bytes, signal }: NewMediaFile): Promise<void> {
    const { client, Upload } = await this.load();
    const upload = new Upload({
      client,
      params: { ...this.nameOf(key), Body: Readable.from(bytes, { objectMode: false }), ContentType: contentType },
      partSize: Math.max(PART_BYTES_MIN, Math.ceil(this.fileBytesMax / PARTS_MAX)),
      queueSize: PARTS_AT_ONCE,
      leavePartsOnError: false,
    });
    const abort = (): void => void upload.abort();
    signal.addEventListener('abort', abort);
    try {
      if (signal.aborted) throw signal.reason;
      await upload.done();
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  override async read(key: string, first: number, last: number): Promise<Readable | undefined> {
    const { sdk, client } = await this.load();
    const order = new sdk.GetObjectCommand({ ...this.nameOf(key), Range: `bytes=${first}-${last}` });
    const found = await client.send(order).catch(ignoreMissing);
    if (!(found?.Body instanceof Readable)) return undefined;
    if (found.ContentLength === last - first + 1) return found.Body;
    found.Body.destroy();
    return undefined;
  }

  override async remove(keys: readonly string[]): Promise<void> {
    const { sdk, client } = await this.load();
    // One by one: the order for many at once needs a checksum that services disagree about.
    for (let from = 0; from < keys.length; from += REMOVALS_AT_ONCE) {
      const some = keys.slice(from, from + REMOVALS_AT_ONCE);
      await Promise.all(some.map((key) => client.send(new sdk.DeleteObjectCommand(this.nameOf(key)))));
    }
  }

  override async *list(before: Date): AsyncGenerator<string> {
    const { sdk, client } = await this.load();
    const { bucket: Bucket, prefix: Prefix } = this.settings;
    for await (const page of sdk.paginateListObjectsV2({ client }, { Bucket, Prefix })) {
      for (const { Key: name = '', LastModified: writtenAt } of page.Contents ?? []) {
        const key = name.slice(Prefix.length);
        if (MEDIA_KEY.test(key) && writtenAt !== undefined && writtenAt < before) yield key;
      }
    }
  }

  override freeBytes(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  override async tidy(): Promise<void> {
    const { sdk, client } = await this.load();
    const { bucket: Bucket, prefix: Prefix } = this.settings;
    // The first thousand: there are next to none, and more come with the next round.
    const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix }));
    for (const { Key, UploadId, Initiated } of Uploads) {
      if (Initiated === undefined || Date.now() - Initiated.getTime() < UPLOAD_STALE_MS) continue;
      await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    }
  }

  override async close(): Promise<void> {
    (await this.loading)?.client.destroy();
  }

  private load(): ReturnType<typeof load> {
    this.loading ??= load(this.settings);
    return this.loading;
  }

  private nameOf(key: string): { Bucket: string; Key: string } {
    if (!MEDIA_KEY.test(key)) throw new TypeError(`Not the name of a result: ${key}`);
    return { Bucket: this.settings.bucket, Key: this.settings.prefix + key };
  }
}

/** Not there, or not so long. */
function ignoreMissing(error: unknown): undefined {
  const status = Error.isError(error) && '$metadata' in error ? statusOf(error.$metadata) : undefined;
  const isMissing = (status === 404 && Error.isError(error) && error.name !== 'NoSuchBucket') || status === 416;
  if (!isMissing) throw error;
}

function statusOf(metadata: unknown): unknown {
  return typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
    ? metadata.httpStatusCode
    : undefined;
}
