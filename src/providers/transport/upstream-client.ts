import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import { type Dispatcher, Pool } from 'undici';
import type { CancelSignal } from '../../common/cancellation.js';
import { ProviderError } from '../canonical/provider-error.js';
import type { ResolveAll } from './address-guard.js';
import { Deadlines, type Watched } from './deadlines.js';
import { DeadlineError, toTransportError } from './transport-error.js';
import { type BodySource, UpstreamBody } from './upstream-body.js';
import { createConnector, diedOnReusedSocket } from './upstream-connector.js';
import { WaitingLine } from './waiting-line.js';

const HEADER_BYTES_MAX = 32 * 1024;
const HEADERS_MAX = 200;
// A peer that answers before it has read a large body leaves the connection in an unknown state: use it only once.
const REUSE_BODY_BYTES_MAX = 1024 * 1024;
// A peer that closes an idle connection has done so by then; one that dies later may have worked on the request.
const RESEND_WITHIN_MS = 1000;
// Pictures are fetched from hosts that upstreams name, so there is no end to origins.
const POOLS_MAX = 500;

/** Limits and deadlines of the transport: milliseconds and bytes. */
export interface UpstreamLimits {
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly connectionsMax: number;
}

/** Deadlines of one request, in milliseconds, in place of the transport's own; what is left out has those. */
export interface RequestDeadlines {
  /** DNS, TCP and TLS together, without a wait for one of the pool's connections to be free. */
  readonly connectMs?: number;
  /** From sending to the head of the answer. */
  readonly headersMs?: number;
  /** From sending to {@link UpstreamBody.noteContent}; without it there is none. */
  readonly contentMs?: number;
  /** Silence inside the answer. */
  readonly idleMs?: number;
  /** From sending to the end. */
  readonly totalMs?: number;
}

/** What tests replace. */
export interface UpstreamClientOptions {
  readonly resolveAll?: ResolveAll;
  readonly ca?: string;
}

/** One request to an upstream. */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes, or a function that opens the body anew for each sending, with `content-length` among the headers. */
  readonly body?: Uint8Array | (() => AsyncIterable<Uint8Array>);
  readonly allowPrivateNetwork: boolean;
  /** Never sent a second time, not even when a pooled connection died under it: it may start something that costs money. */
  readonly isOnce?: boolean;
  readonly deadlines?: RequestDeadlines;
  /** Aborts the attempt whatever its phase. */
  readonly signal: CancelSignal;
}

/** The head of an upstream answer; the body is still to be read. */
export interface UpstreamResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: UpstreamBody;
}

/** How the connections to upstreams are used. */
export interface UpstreamConnections {
  readonly open: number;
  /** Requests that have been sent and not been answered to their end. */
  readonly busy: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
}

/**
 * The only place that sends to upstreams: one pool per origin, deadlines for connecting, headers, silence and the
 * whole attempt, no redirects, no decompression, and back-pressure from the caller to the upstream.
 */
export class UpstreamClient {
  private readonly pools = new LRUCache<string, LinedPool>({
    max: POOLS_MAX,
    dispose: ({ pool }, _key, reason) => {
      // Waits for the requests in flight.
      if (reason === 'evict') void pool.close();
    },
  });
  private readonly deadlines = new Deadlines();

  constructor(
    private readonly limits: UpstreamLimits,
    private readonly options: UpstreamClientOptions = {},
  ) {}

  /**
   * Sends a request and waits for the head of the answer, whatever its status.
   * @throws ProviderError `unreachable`, `tls`, `timeout`, `invalid_response`, or `incomplete`.
   */
  async send(request: UpstreamRequest): Promise<UpstreamResponse> {
    const dispatchedAt = performance.now();
    try {
      return await this.dispatch(request);
    } catch (error) {
      const cause = error instanceof ProviderError ? error.cause : undefined;
      if (request.isOnce === true || request.signal.aborted || performance.now() - dispatchedAt > RESEND_WITHIN_MS)
        throw error;
      if (!Error.isError(cause) || !diedOnReusedSocket(cause, dispatchedAt)) throw error;
      return await this.dispatch(request);
    }
  }

  /** The connections of all origins together at this moment. */
  get connections(): UpstreamConnections {
    let open = 0;
    let busy = 0;
    let waiting = 0;
    for (const { pool } of this.pools.values()) {
      const { stats } = pool;
      open += stats.connected;
      busy += stats.running;
      waiting += stats.queued;
    }
    return { open, busy, waiting };
  }

  /** Closes all connections; requests in flight fail. */
  async close(): Promise<void> {
    const pools = [...this.pools.values()];
    this.pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.destroy()));
  }

  private dispatch(request: UpstreamRequest): Promise<UpstreamResponse> {
    return new Promise((resolve, reject) => {
      const { pool, line } = this.pool(request);
      const exchange = new Exchange(request, this.limits, { deadlines: this.deadlines, line }, resolve, reject);
      const { body } = request;
      pool.dispatch(
        {
          method: request.method,
          path: request.path,
          headers: request.headers,
          body: typeof body === 'function' ? (body() as unknown as Dispatcher.DispatchOptions['body']) : body,
          reset:
            request.isOnce === true ||
            typeof body === 'function' ||
            (body !== undefined && body.length > REUSE_BODY_BYTES_MAX),
        },
        exchange,
      );
    });
  }

  private pool(request: UpstreamRequest): LinedPool {
    // What is sent once gets a connection of its own: on one that the peer closes at that moment nobody could tell.
    const use = request.isOnce === true ? 'once' : 'any';
    // Who may wait longer for a connection than others needs a connector of its own; who waits shorter gives up by itself.
    const connectTimeoutMs = Math.max(this.limits.connectTimeoutMs, request.deadlines?.connectMs ?? 0);
    const patience = connectTimeoutMs === this.limits.connectTimeoutMs ? '' : connectTimeoutMs;
    const key = `${use}${patience} ${request.allowPrivateNetwork ? 'private' : 'public'} ${request.origin}`;
    let lined = this.pools.get(key);
    if (lined === undefined) {
      const pool = new Pool(request.origin, {
        connections: this.limits.connectionsMax,
        pipelining: 1,
        allowH2: false,
        keepAliveTimeout: 10_000,
        maxHeaderSize: HEADER_BYTES_MAX,
        // Own timers: undici's are coarse.
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: createConnector({
          allowPrivateNetwork: request.allowPrivateNetwork,
          connectTimeoutMs,
          ...this.options,
        }),
      });
      lined = { pool, line: new WaitingLine(() => pool.stats.queued) };
      this.pools.set(key, lined);
    }
    return lined;
  }
}

/** The connections to one origin, and who waits for them. */
interface LinedPool {
  readonly pool: Pool;
  readonly line: WaitingLine;
}

/** What watches over exchanges. */
interface ExchangeWatch {
  readonly deadlines: Deadlines;
  readonly line: WaitingLine;
}

/** One request and its response: undici's handler, and the source of the body. */
class Exchange implements Dispatcher.DispatchHandler, BodySource, Watched {
  private controller: Dispatcher.DispatchController | undefined;
  private body: UpstreamBody | undefined;
  private abortReason: Error | undefined;
  private isSettled = false;
  private isPaused = false;
  private readonly startedAt: number;
  private activeAt: number;
  private readonly signal: CancelSignal;
  private readonly connectMs: number | undefined;
  private readonly deadlines: Deadlines;
  private readonly line: WaitingLine;
  private readonly numberInLine: number;
  private connectingAt: number;
  private readonly headersMs: number;
  private readonly totalMs: number;
  /** Undefined when there is none, or once content has come. */
  private contentMs: number | undefined;
  private idleMs: number;
  private readonly onAbort = (): void => this.abort(this.signal.reason as Error);

  constructor(
    request: UpstreamRequest,
    limits: UpstreamLimits,
    { deadlines, line }: ExchangeWatch,
    private readonly resolve: (response: UpstreamResponse) => void,
    private readonly reject: (error: ProviderError) => void,
  ) {
    const { signal, deadlines: own } = request;
    this.signal = signal;
    this.connectMs = own?.connectMs;
    this.deadlines = deadlines;
    this.line = line;
    this.numberInLine = line.join();
    this.headersMs = own?.headersMs ?? limits.headersTimeoutMs;
    this.contentMs = own?.contentMs;
    this.idleMs = own?.idleMs ?? limits.idleTimeoutMs;
    this.totalMs = own?.totalMs ?? limits.totalTimeoutMs;
    this.startedAt = deadlines.watch(this);
    this.activeAt = this.startedAt;
    this.connectingAt = this.startedAt;
    if (signal.aborted) process.nextTick(this.onAbort);
    else signal.addEventListener('abort', this.onAbort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.abortReason !== undefined) controller.abort(this.abortReason);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, raw: IncomingHttpHeaders): void {
    if (status < 200) return;
    const headers = flatten(raw);
    if (headers === undefined) {
      this.abort(
        new ProviderError({ kind: 'invalid_response', message: `The upstream sent over ${HEADERS_MAX} headers.` }),
      );
      return;
    }
    this.activeAt = this.deadlines.nowMs;
    this.body = new UpstreamBody(this);
    this.isSettled = true;
    this.resolve({ status, headers, body: this.body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.activeAt = this.deadlines.nowMs;
    this.body?.push(chunk);
  }

  onResponseEnd(): void {
    this.finish();
    this.body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.fail(this.abortReason ?? error);
  }

  pause(): void {
    this.isPaused = true;
    this.controller?.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.activeAt = this.deadlines.nowMs;
    this.controller?.resume();
  }

  abort(reason: Error): void {
    if (this.abortReason !== undefined) return;
    this.abortReason = reason;
    // While the request still waits for a connection there is no controller: fail now, stop it when it starts.
    this.fail(reason);
    this.controller?.abort(reason);
  }

  noteContent(idleMs: number | undefined): void {
    this.contentMs = undefined;
    if (idleMs !== undefined) this.idleMs = idleMs;
  }

  checkDeadline(nowMs: number): void {
    const missed = this.missedDeadline(nowMs);
    if (missed !== undefined) this.abort(missed);
  }

  private missedDeadline(nowMs: number): DeadlineError | undefined {
    const sinceStart = nowMs - this.startedAt;
    const { contentMs } = this;
    if (sinceStart >= this.totalMs) return new DeadlineError('total', this.totalMs);
    const unconnected = this.missedConnection(nowMs);
    if (unconnected !== undefined) return unconnected;
    // While paused there is more than is read: neither its silence nor its slowness is the upstream's.
    if (contentMs !== undefined && !this.isPaused && sinceStart >= contentMs) {
      return new DeadlineError('content', contentMs);
    }
    if (this.body === undefined) {
      return sinceStart >= this.headersMs ? new DeadlineError('headers', this.headersMs) : undefined;
    }
    const isSilent = !this.isPaused && nowMs - this.activeAt >= this.idleMs;
    return isSilent ? new DeadlineError('idle', this.idleMs) : undefined;
  }

  /** Time in line for a connection that others use is no time of connecting: the upstream answers, only not yet this request. */
  private missedConnection(nowMs: number): DeadlineError | undefined {
    const { connectMs } = this;
    if (connectMs === undefined || this.controller !== undefined) return undefined;
    if (this.line.isWaiting(this.numberInLine, nowMs)) this.connectingAt = nowMs;
    return nowMs - this.connectingAt >= connectMs ? new DeadlineError('connect', connectMs) : undefined;
  }

  private fail(error: Error): void {
    this.finish();
    const failure = toTransportError(error, this.body !== undefined);
    if (this.body !== undefined) this.body.fail(failure);
    else if (!this.isSettled) this.reject(failure);
    this.isSettled = true;
  }

  private finish(): void {
    this.deadlines.release(this);
    this.signal.removeEventListener('abort', this.onAbort);
  }
}

/** Headers as plain text, or undefined when there are too many. Most answers repeat none and need no copy. */
function flatten(raw: IncomingHttpHeaders): Readonly<Record<string, string>> | undefined {
  let count = 0;
  let hasLists = false;
  for (const name in raw) {
    const value = raw[name];
    count += Array.isArray(value) ? value.length : 1;
    if (typeof value !== 'string') hasLists = true;
  }
  if (count > HEADERS_MAX) return undefined;
  if (!hasLists) return raw as Readonly<Record<string, string>>;
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]));
}
