import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { LRUCache } from 'lru-cache';
import type { buildConnector } from 'undici';
import { AddressRefusedError, guardedLookup, isAddressAllowed, type ResolveAll } from './address-guard.js';

/** No connection within the time allowed for DNS, TCP and TLS together. */
export class ConnectTimeoutError extends Error {
  readonly code = 'HUB_CONNECT_TIMEOUT';
  constructor(host: string, timeoutMs: number) {
    super(`No connection to ${host} within ${timeoutMs} ms.`);
    this.name = 'ConnectTimeoutError';
  }
}

/** Settings of one connector. */
export interface ConnectorOptions {
  readonly allowPrivateNetwork: boolean;
  /** DNS, TCP and TLS together, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Replaces the system's resolver in tests. */
  readonly resolveAll?: ResolveAll;
  /** Additional certificate authorities (PEM) in tests and private networks. */
  readonly ca?: string;
}

const openedAt = new Map<string, number>();
const socketOfError = new WeakMap<Error, Socket>();
const portOf = new WeakMap<Socket, string>();

/**
 * Makes undici's connect function: every address is checked at the moment of connecting, TCP_NODELAY is on, and one
 * exact timer covers DNS, TCP and TLS (undici's own is coarse: up to a second late).
 */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  const lookup = guardedLookup(options.allowPrivateNetwork, options.resolveAll);
  const sessions = new LRUCache<string, Buffer>({ max: 100 });
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    // A literal address is never looked up, so it is checked here.
    if (isIP(host) !== 0 && !isAddressAllowed(host, options.allowPrivateNetwork)) {
      process.nextTick(callback, new AddressRefusedError(host), null);
      return;
    }
    const socket = open(target, host, lookup, sessions, options.ca);
    const timer = setTimeout(
      () => socket.destroy(new ConnectTimeoutError(host, options.connectTimeoutMs)),
      options.connectTimeoutMs,
    );
    const onError = (error: Error): void => {
      clearTimeout(timer);
      callback(error, null);
    };
    socket.setKeepAlive(true, 60_000);
    socket.once('error', onError);
    socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      remember(socket);
      callback(null, socket);
    });
  };
}

function open(
  target: buildConnector.Options,
  host: string,
  lookup: LookupFunction,
  sessions: LRUCache<string, Buffer>,
  ca: string | undefined,
): Socket | TLSSocket {
  const isTls = target.protocol === 'https:';
  const port = Number(target.port) || (isTls ? 443 : 80);
  const base = { host, port, lookup, noDelay: true, autoSelectFamily: true };
  if (!isTls) return connectTcp(base);
  const servername = isIP(host) === 0 ? host : undefined;
  const session = sessions.get(`${host}:${port}`);
  const socket = connectTls({ ...base, servername, session, ca, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] });
  socket.on('session', (ticket) => sessions.set(`${host}:${port}`, ticket));
  return socket;
}

/** Notes when a connection was opened, so that {@link diedOnReusedSocket} can tell an old one from a new one. */
function remember(socket: Socket): void {
  const key = addressKey(socket.localAddress, socket.localPort);
  openedAt.set(key, performance.now());
  portOf.set(socket, key);
  socket.prependListener('error', (error: Error) => socketOfError.set(error, socket));
  // Kept a moment longer than the socket, because the error is examined after the close.
  socket.once('close', () => setTimeout(() => openedAt.delete(key), 1000).unref());
}

function addressKey(address: string | undefined, port: number | undefined): string {
  return `${address ?? ''}|${port ?? 0}`;
}

/**
 * True when a request failed on a connection that was older than the request: the peer had closed an idle keep-alive
 * connection while the request was on its way, so the request was not processed and may be sent again.
 * @param error what undici reported.
 * @param dispatchedAt `performance.now()` when the request was dispatched.
 */
export function diedOnReusedSocket(error: Error, dispatchedAt: number): boolean {
  const socket = socketOfError.get(error);
  let key = socket === undefined ? undefined : portOf.get(socket);
  if (key === undefined && 'socket' in error && typeof error.socket === 'object' && error.socket !== null) {
    const info = error.socket as { localAddress?: string; localPort?: number };
    key = addressKey(info.localAddress, info.localPort);
  }
  const opened = key === undefined ? undefined : openedAt.get(key);
  return opened !== undefined && opened < dispatchedAt;
}
