import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { HubError } from '../common/hub-error.js';
import { newRequestId } from '../common/ids.js';
import { currentReply } from './current-reply.js';

// Time for the client to take the answer before unread bytes reset the connection.
const LINGER_MS = 1000;

interface Refusal {
  readonly status: string;
  readonly code: string;
  readonly message: string;
}

const BAD_REQUEST: Refusal = {
  status: '400 Bad Request',
  code: 'bad_request',
  message: 'The request is not valid HTTP.',
};
const BY_CODE: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    code: 'headers_too_large',
    message: 'The request headers, or its address, are too large.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    code: 'request_timeout',
    message: 'The request did not arrive completely in time.',
  },
};

/**
 * Answers a request that never became one: broken HTTP, headers over the limit, or a client that sends too slowly. The
 * route is not known here, so the answer carries both error shapes.
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || hasBegunAnswer(socket)) {
    socket.destroy();
    return;
  }
  const { status, code, message } = BY_CODE[error.code ?? ''] ?? BAD_REQUEST;
  write(socket, status, code, message);
}

/** True when part of an answer is out: a second status line would land in its body. */
function hasBegunAnswer(socket: Socket & { _httpMessage?: ServerResponse | null }): boolean {
  // The field by which Node's own handler of this event decides the same.
  return socket._httpMessage?.headersSent === true;
}

/** 400: HTTP/1.1 wants a Host header (RFC 9112, section 3.2), although the hub has no use for it. */
export function missingHost(): HubError {
  return new HubError({
    status: 400,
    code: 'bad_request',
    message: 'The request has no Host header.',
    shouldRetry: false,
    headers: { connection: 'close' },
  });
}

/** Refuses a protocol upgrade: the hub speaks HTTP/1.1 only, and says so. */
export function refuseUpgrade(socket: Socket): void {
  write(socket, '426 Upgrade Required', 'upgrade_not_supported', 'The hub speaks plain HTTP/1.1 only; do not upgrade.');
}

function write(socket: Socket, status: string, code: string, message: string): void {
  const envelope = { message, type: 'invalid_request_error', param: null, code };
  const body = JSON.stringify({ success: false, message, code, error: envelope });
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${idOf(socket, status, code)}\r\nx-should-retry: false\r\n` +
      `${status.startsWith('426') ? 'upgrade: HTTP/1.1\r\n' : ''}connection: close\r\n\r\n${body}`,
    () => setTimeout(() => socket.destroy(), LINGER_MS).unref(),
  );
}

/** The id of the request in whose place this is answered, which its log line then says; otherwise a new one. */
function idOf(socket: Socket, status: string, code: string): string {
  const request = currentReply(socket)?.request;
  if (request === undefined) return newRequestId();
  Object.assign(request.hubLog, { status: Number.parseInt(status, 10), code });
  return request.id;
}
