import { createHash, createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What S3 refuses in all parts but the last. */
const PART_BYTES_MIN = 5 * 1024 * 1024;

interface StoredObject {
  readonly bytes: Buffer;
  readonly contentType: string;
  writtenAt: Date;
}

interface OpenUpload {
  readonly key: string;
  readonly contentType: string;
  readonly parts: Map<number, Buffer>;
  initiatedAt: Date;
}

/** An answer of S3 that is a refusal. */
class S3Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

/** One bucket of S3 in this process: signatures (version 4), multipart uploads, ranges, lists in pages. */
export interface S3Simulator {
  readonly url: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** By name. */
  readonly objects: Map<string, StoredObject>;
  /** Multipart uploads that were begun and neither completed nor aborted, by id. */
  readonly uploads: Map<string, OpenUpload>;
  /** `METHOD path?query` of every request, oldest first. */
  readonly requests: readonly string[];
  /** The next requests that match are refused. */
  refuse(pattern: RegExp, status: number, code: string, times?: number): void;
  close(): Promise<void>;
}

/** Starts a simulator; names in its lists come two at a time. */
export async function startS3Simulator(): Promise<S3Simulator> {
  const bucket = new Bucket();
  const server = createServer((request, response) => void bucket.answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(bucket, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

class Bucket {
  readonly bucket = 'hub-results';
  readonly region = 'eu-test-1';
  readonly accessKeyId = 'AKIAEXAMPLE';
  readonly secretAccessKey = 'secret-of-the-simulator';
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, OpenUpload>();
  readonly requests: string[] = [];
  private refusals: { pattern: RegExp; status: number; code: string; times: number }[] = [];

  refuse(pattern: RegExp, status: number, code: string, times = 1): void {
    this.refusals.push({ pattern, status, code, times });
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${request.method} ${request.url}`;
    this.requests.push(line);
    try {
      const body = Buffer.concat(await request.toArray());
      this.checkSignature(request, body);
      const planned = this.refusals.find((refusal) => refusal.times > 0 && refusal.pattern.test(line));
      if (planned !== undefined) {
        planned.times--;
        throw new S3Refusal(planned.status, planned.code);
      }
      this.serve(request, body, response);
    } catch (error) {
      if (!(error instanceof S3Refusal)) throw error;
      const xml = `<Error><Code>${error.code}</Code><Message>as planned</Message></Error>`;
      response.writeHead(error.status, { 'content-type': 'application/xml' }).end(xml);
    }
  }

  private serve(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://s3');
    const [, bucket, ...rest] = url.pathname.split('/');
    if (bucket !== this.bucket) throw new S3Refusal(404, 'NoSuchBucket');
    const key = decodeURIComponent(rest.join('/'));
    const { searchParams: query } = url;
    if (key === '') sendXml(response, query.has('uploads') ? this.listUploads() : this.list(query));
    else if (query.has('uploads') || query.has('uploadId')) this.serveUpload(request, key, query, body, response);
    else this.serveObject(request, key, body, response);
  }

  private serveObject(request: IncomingMessage, key: string, body: Buffer, response: ServerResponse): void {
    if (request.method === 'PUT') {
      this.put(key, body, request.headers['content-type'] ?? '');
      response.writeHead(200, { etag: etagOf(body) }).end();
    } else if (request.method === 'DELETE') {
      this.objects.delete(key);
      response.writeHead(204).end();
    } else {
      const found = this.objects.get(key);
      if (found === undefined) throw new S3Refusal(404, 'NoSuchKey');
      const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (Number(first) >= found.bytes.length) throw new S3Refusal(416, 'InvalidRange');
      const part = first === '' ? found.bytes : found.bytes.subarray(Number(first), Number(last) + 1);
      response.writeHead(first === '' ? 200 : 206, {
        'content-type': found.contentType,
        'content-length': part.length,
      });
      response.end(part);
    }
  }

  private serveUpload(
    request: IncomingMessage,
    key: string,
    query: URLSearchParams,
    body: Buffer,
    response: ServerResponse,
  ): void {
    if (query.has('uploads')) {
      const id = randomUUID();
      const contentType = request.headers['content-type'] ?? '';
      this.uploads.set(id, { key, contentType, parts: new Map(), initiatedAt: new Date() });
      sendXml(response, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
      return;
    }
    const id = query.get('uploadId') ?? '';
    const upload = this.uploads.get(id);
    if (upload === undefined || upload.key !== key) throw new S3Refusal(404, 'NoSuchUpload');
    if (request.method === 'PUT') {
      upload.parts.set(Number(query.get('partNumber')), body);
      response.writeHead(200, { etag: etagOf(body) }).end();
    } else if (request.method === 'DELETE') {
      this.uploads.delete(id);
      response.writeHead(204).end();
    } else {
      this.complete(upload, body.toString());
      this.uploads.delete(id);
      sendXml(response, `<CompleteMultipartUploadResult><Key>${key}</Key></CompleteMultipartUploadResult>`);
    }
  }

  private complete(upload: OpenUpload, order: string): void {
    const named = [...order.matchAll(/<Part>.*?<\/Part>/gs)].map(([part]) => ({
      number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
      etag: (/<ETag>(.+?)</.exec(part)?.[1] ?? '').replaceAll('&quot;', '"'),
    }));
    const parts = named.map(({ number, etag }) => {
      const part = upload.parts.get(number);
      if (part === undefined || etagOf(part) !== etag) throw new S3Refusal(400, 'InvalidPart');
      return part;
    });
    if (parts.slice(0, -1).some((part) => part.length < PART_BYTES_MIN)) throw new S3Refusal(400, 'EntityTooSmall');
    this.put(upload.key, Buffer.concat(parts), upload.contentType);
  }

  private put(key: string, bytes: Buffer, contentType: string): void {
    this.objects.set(key, { bytes, contentType, writtenAt: new Date() });
  }

  private list(query: URLSearchParams): string {
    const after = query.get('continuation-token') ?? '';
    const prefix = query.get('prefix') ?? '';
    const names = [...this.objects.keys()].filter((name) => name.startsWith(prefix) && name > after).sort();
    const page = names.slice(0, 2);
    const more = names.length > page.length;
    const contents = page.map((name) => {
      const { bytes, writtenAt } = this.objects.get(name)!;
      return `<Contents><Key>${name}</Key><LastModified>${writtenAt.toISOString()}</LastModified><Size>${bytes.length}</Size></Contents>`;
    });
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    return `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`;
  }

  private listUploads(): string {
    const uploads = [...this.uploads].map(
      ([id, { key, initiatedAt }]) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${initiatedAt.toISOString()}</Initiated></Upload>`,
    );
    return `<ListMultipartUploadsResult>${uploads.join('')}</ListMultipartUploadsResult>`;
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
  private checkSignature({ method, url, headers }: IncomingMessage, body: Buffer): void {
    const given = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
    const [, credential = '', signedHeaders = '', signature = ''] = given ?? [];
    const [keyId, ...scope] = credential.split('/');
    const [date = '', region, service, kind] = scope;
    if (keyId !== this.accessKeyId || region !== this.region || service !== 's3' || kind !== 'aws4_request') {
      throw new S3Refusal(403, 'InvalidAccessKeyId');
    }
    const bodyHash = String(headers['x-amz-content-sha256']);
    if (bodyHash !== sha256(body)) throw new S3Refusal(400, 'XAmzContentSHA256Mismatch');
    const [path = '', query = ''] = (url ?? '').split('?');
    const canonical = [
      method,
      path,
      query.split('&').map(withEquals).sort().join('&'),
      ...signedHeaders.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
      '',
      signedHeaders,
      bodyHash,
    ].join('\n');
    const toSign = `AWS4-HMAC-SHA256\n${String(headers['x-amz-date'])}\n${scope.join('/')}\n${sha256(canonical)}`;
    const key = [date, this.region, 's3', 'aws4_request'].reduce<Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      Buffer.from(`AWS4${this.secretAccessKey}`),
    );
    if (createHmac('sha256', key).update(toSign).digest('hex') !== signature) {
      throw new S3Refusal(403, 'SignatureDoesNotMatch');
    }
  }
}

function withEquals(pair: string): string {
  return pair === '' || pair.includes('=') ? pair : `${pair}=`;
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function etagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

function sendXml(response: ServerResponse, xml: string): void {
  response.writeHead(200, { 'content-type': 'application/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`);
}
