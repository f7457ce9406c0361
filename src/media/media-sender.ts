import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { cutStalledStream } from '../http/cut-stalled-answer.js';
import type { JobOutput } from '../jobs/job.js';
import { type ByteRange, parseByteRange } from './byte-range.js';
import { resultNotFound } from './media.errors.js';
import { MediaStorage } from './storage/media-storage.js';

/** Answers with a result: the whole, a part (RFC 9110, section 14), or nothing new. */
@Injectable()
export class MediaSender {
  private readonly logger = new Logger(MediaSender.name);

  constructor(@Inject(MediaStorage) private readonly storage: MediaStorage) {}

  /**
   * Sends it, as fast as the client takes it. A result that lies at its upstream is a redirect there.
   *
   * @param fileName the name under which a browser saves it; letters, digits, `_`, `-` and `.`.
   * @throws HubError 404 when it is not in the storage.
   */
  async send(request: FastifyRequest, reply: FastifyReply, output: JobOutput, fileName: string): Promise<void> {
    const { storageKey: key, upstreamUrl, bytes: size } = output;
    if (upstreamUrl !== null) {
      await reply.header('cache-control', 'no-store').redirect(upstreamUrl, 302);
      return;
    }
    if (key === null || size === null) throw resultNotFound();
    const etag = etagOf(key, size);
    reply.headers({
      'accept-ranges': 'bytes',
      'cache-control': 'private, max-age=3600, immutable',
      'content-disposition': `inline; filename="${fileName.replaceAll(/[^\w.-]/g, '_')}"`,
      'content-security-policy': "default-src 'none'; sandbox",
      etag,
      'x-content-type-options': 'nosniff',
    });
    if (isKnown(request.headers['if-none-match'], etag)) {
      writeHead(reply, 304, {}).end();
      return;
    }
    const range = wantedRange(request, etag, size);
    if (range === 'unsatisfiable') {
      writeHead(reply, 416, { 'content-range': `bytes */${size}`, 'content-length': '0' }).end();
      return;
    }
    await this.sendBytes(request, reply, output.contentType, key, size, range);
  }

  private async sendBytes(
    request: FastifyRequest,
    reply: FastifyReply,
    contentType: string,
    key: string,
    size: number,
    range: ByteRange | undefined,
  ): Promise<void> {
    const { first, last } = range ?? { first: 0, last: size - 1 };
    const headers = {
      'content-type': contentType,
      'content-length': String(last - first + 1),
      ...(range === undefined ? {} : { 'content-range': `bytes ${first}-${last}/${size}` }),
    };
    const status = range === undefined ? 200 : 206;
    if (request.method === 'HEAD') {
      writeHead(reply, status, headers).end();
      return;
    }
    const stream = await this.storage.read(key, first, last);
    if (stream === undefined) {
      this.logger.error(`The result ${key} is not in the storage, or is cut.`);
      throw resultNotFound();
    }
    const response = writeHead(reply, status, headers);
    cutStalledStream(response);
    await pipeline(stream, response).catch((error: NodeJS.ErrnoException) => {
      // The client left, or took nothing for too long.
      if (error.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
      this.logger.error(`The result ${key} could not be sent to its end: ${error.message}`);
    });
  }
}

/** The head of an answer, past Fastify: it would make up a length for the answer to a HEAD request. */
function writeHead(reply: FastifyReply, status: number, headers: Readonly<Record<string, string>>) {
  reply.hijack();
  return reply.raw.writeHead(status, { ...(reply.getHeaders() as Record<string, string>), ...headers });
}

/** A result never changes; its name and size tell it from all others. */
function etagOf(key: string, size: number): string {
  return `"${createHash('sha256').update(`${key} ${size}`).digest('base64url').slice(0, 22)}"`;
}

function isKnown(header: string | undefined, etag: string): boolean {
  const known = (header ?? '').split(',').map((text) => text.trim().replace(/^W\//, ''));
  return known.includes(etag) || known.includes('*');
}

/** A part of another file than the client has is of no use to it (`If-Range`). */
function wantedRange(request: FastifyRequest, etag: string, size: number): ReturnType<typeof parseByteRange> {
  const { range, 'if-range': onlyOf } = request.headers;
  if (onlyOf !== undefined && onlyOf !== etag) return undefined;
  return parseByteRange(range, size);
}
