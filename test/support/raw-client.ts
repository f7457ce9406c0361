import { connect, type Socket } from 'node:net';
import { until } from './until.js';

/** A TCP connection that sends exactly the bytes it is told, for what no HTTP client would send. */
export class RawClient {
  private readonly chunks: Buffer[] = [];
  /** The other side has sent its FIN. */
  isEnded = false;
  /** The socket is gone, in whatever way. */
  isClosed = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    socket.on('end', () => {
      this.isEnded = true;
    });
    socket.on('close', () => {
      this.isClosed = true;
    });
    // A reset is one of the endings that tests look for.
    socket.on('error', () => undefined);
  }

  /** Connects to 127.0.0.1. */
  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawClient(socket));
      });
    });
  }

  /** Everything received so far, as text. */
  get text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  /** Number of bytes received so far. */
  get size(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  send(bytes: string | Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** Sends a FIN and reads on. */
  halfClose(): void {
    this.socket.end();
  }

  /** Closes as a program does that exits: the kernel sends a FIN, and a reset to whatever still arrives. */
  close(): void {
    this.socket.destroy();
  }

  /** Sends a RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Waits until the received text contains `part`. */
  async seen(part: string, timeoutMs?: number): Promise<string> {
    await until(() => this.text.includes(part), timeoutMs);
    return this.text;
  }

  /** Waits until the other side ends or cuts the connection, and gives all that was received. */
  async readToEnd(timeoutMs?: number): Promise<string> {
    await until(() => this.isEnded || this.isClosed, timeoutMs);
    return this.text;
  }
}

/** What a raw request consists of. */
export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
}

/** Puts a request into bytes; `content-length` is added for a body. */
export function rawRequest({ method = 'GET', path, headers = [], body }: RawRequest): Buffer {
  const bytes = Buffer.from(body ?? '');
  const lines = [`${method} ${path} HTTP/1.1`, 'host: hub.test', ...headers];
  if (body !== undefined) lines.push(`content-length: ${bytes.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

/** A raw response in parts. */
export interface RawResponse {
  readonly status: number;
  /** Lower-case names; the last of equal ones. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Takes the final response out of received text, passing over informational ones; chunked bodies are joined. */
export function parseResponse(text: string): RawResponse {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const rest = text.slice(end + 4);
  if (status >= 100 && status < 200) return parseResponse(rest);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status, headers, body: headers['transfer-encoding'] === 'chunked' ? joinChunks(rest) : rest };
}

function joinChunks(text: string): string {
  // Sizes count bytes, so the text is cut as bytes.
  let rest = Buffer.from(text);
  const out: Buffer[] = [];
  for (;;) {
    const lineEnd = rest.indexOf('\r\n');
    const size = lineEnd === -1 ? 0 : Number.parseInt(rest.toString('latin1', 0, lineEnd), 16);
    if (size === 0) return Buffer.concat(out).toString('utf8');
    out.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    rest = rest.subarray(lineEnd + 2 + size + 2);
  }
}

/** Sends one request on a connection of its own and reads the answer to its end. */
export async function sendRaw(port: number, bytes: string | Uint8Array, timeoutMs?: number): Promise<RawResponse> {
  const client = await RawClient.connect(port);
  try {
    client.send(bytes);
    return parseResponse(await client.readToEnd(timeoutMs));
  } finally {
    client.close();
  }
}
