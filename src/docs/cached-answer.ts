import { createHash } from 'node:crypto';

/** An answer that never changes while the process runs. */
export interface CachedAnswer {
  readonly type: string;
  readonly bytes: Buffer;
  /** Strong validator, quotes included. */
  readonly etag: string;
}

/** Freezes a text into an answer; its tag is the start of its SHA-256. */
export function cachedAnswer(type: string, text: string): CachedAnswer {
  const bytes = Buffer.from(text, 'utf8');
  return { type, bytes, etag: `"${contentHash(bytes)}"` };
}

/** 16 hex digits that change with the content. */
export function contentHash(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

/** Whether an `If-None-Match` header names this tag (RFC 9110, 13.1.2: weak comparison). */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag);
}
