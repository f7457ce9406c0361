import { Agent, type IncomingMessage, request as send } from 'node:http';
import type { Try } from './history.js';

/** A request to a hub, and how long its client stays. */
export interface HttpOrder {
  readonly hub: number;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isStream: boolean;
  /** The client leaves after so long, whatever it has by then. */
  readonly leaveAfterMs: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 64, timeout: 60_000 });
const DONE = 'data: [DONE]\n\n';

/** Sends a request and says how it ended. Never throws. */
export function tryHttp(order: HttpOrder): Promise<Try> {
  const startedAt = performance.now();
  const atMs = Date.now();
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const end = (rest: Omit<Try, 'hub' | 'atMs' | 'ms'>): void => {
      clearTimeout(timer);
      resolve({ hub: order.hub, atMs, ms: Math.round(performance.now() - startedAt), ...rest });
    };
    const { body, port, path } = order;
    const headers = { ...order.headers, 'content-length': Buffer.byteLength(body) };
    const request = send({ host: '127.0.0.1', port, path, method: 'POST', headers, agent });
    timer = setTimeout(() => request.destroy(new Error('left')), order.leaveAfterMs);
    request.on('error', (error: NodeJS.ErrnoException) => end(ofError(error)));
    request.on('response', (response) => read(response, order, end));
    request.end(body);
  });
}

function ofError(error: NodeJS.ErrnoException): Omit<Try, 'hub' | 'atMs' | 'ms'> {
  if (error.code === 'ECONNREFUSED') return { outcome: 'refused' };
  return { outcome: 'info', code: error.code ?? error.message };
}

function read(
  response: IncomingMessage,
  order: HttpOrder,
  end: (rest: Omit<Try, 'hub' | 'atMs' | 'ms'>) => void,
): void {
  const chunks: Buffer[] = [];
  const status = response.statusCode ?? 0;
  const header = (name: string): string | undefined => {
    const value = response.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const known = { status, requestId: header('x-request-id'), isReplay: header('idempotent-replayed') === 'true' };
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', () => end({ ...known, outcome: 'info', code: 'broken' }));
  response.on('close', () => {
    const text = Buffer.concat(chunks).toString('utf8');
    if (!response.complete) end({ ...known, outcome: 'info', code: 'broken' });
    else if (status >= 400) end({ ...known, outcome: 'fail', code: codeOf(text), retryAfter: header('retry-after') });
    else if (!order.isStream || header('content-type')?.startsWith('application/json') === true) {
      end({ ...known, outcome: isJson(text) ? 'ok' : 'info', code: isJson(text) ? undefined : 'no JSON' });
    } else if (text.endsWith(DONE)) end({ ...known, outcome: 'ok' });
    else end({ ...known, outcome: 'info', code: codeOf(text.slice(text.lastIndexOf('data: ') + 6)) ?? 'no [DONE]' });
  });
}

function codeOf(text: string): string | undefined {
  try {
    const { error, code } = JSON.parse(text) as { error?: { code?: string }; code?: string };
    return error?.code ?? code;
  } catch {
    return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
