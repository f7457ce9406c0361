import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** What the fake upstream saw of one request. Times are in milliseconds of `performance.now()`. */
export interface RecordedRequest {
  readonly method: string;
  /** Path with query, as it came. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values as they came, in order. */
  readonly rawHeaders: readonly string[];
  /** Number of the TCP connection: equal for requests that shared one. */
  readonly connection: number;
  readonly receivedAt: number;
  /** The body's bytes; empty until it has arrived. */
  body: Buffer;
  /** Content chunks written so far. */
  tokensSent: number;
  /** When the client left before the answer was complete. */
  abortedAt: number | undefined;
  /** When the exchange was over, in whatever way. */
  closedAt: number | undefined;
  /** The whole answer was handed to the system. */
  finished: boolean;
  /** The fake itself broke the connection. */
  wasCut: boolean;
}

/** Starts the record of a request and completes it when the response closes. */
export function recordRequest(request: IncomingMessage, response: ServerResponse, connection: number): RecordedRequest {
  const record: RecordedRequest = {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    connection,
    receivedAt: performance.now(),
    body: Buffer.alloc(0),
    tokensSent: 0,
    abortedAt: undefined,
    closedAt: undefined,
    finished: false,
    wasCut: false,
  };
  response.once('close', () => {
    record.closedAt = performance.now();
    record.finished = response.writableFinished;
    if (!record.finished && !record.wasCut) record.abortedAt = record.closedAt;
  });
  return record;
}
