import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.js';

/** Which way bytes go: `up` from the client to the server, `down` back. */
export type Direction = 'up' | 'down';

/** What happens to a connection when a cut is due. */
export interface Cut {
  readonly direction: Direction;
  /** So many more bytes pass in this direction, counted over all connections; 0 cuts with the next chunk. */
  readonly afterBytes: number;
  /** Only a chunk that contains this begins the count. */
  readonly onlyAfter?: string;
}

/** A TCP proxy whose link can be broken in the ways that links break. All switches act at once, on open connections too. */
export interface ChaosProxy {
  readonly port: number;
  /** Connections that are open now. */
  readonly openCount: number;
  /** Connections that were accepted since the start. */
  readonly acceptedCount: number;
  /** Cuts that were carried out. */
  readonly cutCount: number;
  /** Heals everything; what was held back in the dark is delivered. */
  pass(): void;
  /** Swallows all bytes of both directions and says nothing; new connections are accepted and hear nothing either. */
  blackhole(): void;
  /** Resets new connections as soon as they come. */
  refuse(): void;
  /** Resets all open connections. */
  resetAll(): void;
  /** Delivers each chunk so much later, in order. */
  delay(ms: number): void;
  /** Resets a connection in the middle of a conversation, once. */
  cut(cut: Cut): void;
  /** The next request that contains this text reaches the server, and its answer is lost with the connection, once. */
  loseAnswer(toRequest: string): void;
  close(): Promise<void>;
}

/** Starts a proxy in front of a server on this machine, on a free port. */
export async function startChaosProxy(targetPort: number): Promise<ChaosProxy> {
  const links = new Set<Link>();
  let mode: 'pass' | 'blackhole' | 'refuse' = 'pass';
  let delayMs = 0;
  let cut: { rest: number; direction: Direction; onlyAfter: string | undefined } | undefined;
  let lostText: string | undefined;
  let [acceptedCount, cutCount] = [0, 0];

  const takesLoss = (chunk: Buffer): boolean => {
    if (lostText === undefined || !chunk.includes(lostText)) return false;
    lostText = undefined;
    cutCount++;
    return true;
  };

  /** How many bytes of a chunk may pass before the connection is reset; undefined: all, and it lives on. */
  const takeCut = (direction: Direction, chunk: Buffer): number | undefined => {
    if (cut?.direction !== direction) return undefined;
    if (cut.onlyAfter !== undefined) {
      if (!chunk.includes(cut.onlyAfter)) return undefined;
      cut.onlyAfter = undefined;
    }
    const { rest } = cut;
    if (chunk.length < rest) {
      cut.rest -= chunk.length;
      return undefined;
    }
    cut = undefined;
    cutCount++;
    return rest;
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    acceptedCount++;
    if (mode === 'refuse') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const link = new Link(
      client,
      connect({ port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true }),
      {
        isDark: () => mode === 'blackhole',
        delayMs: () => delayMs,
        takeCut,
        takesLoss,
      },
    );
    links.add(link);
    link.onceClosed(() => links.delete(link));
  });
  const port = await listen(server);
  return {
    port,
    get openCount() {
      return links.size;
    },
    get acceptedCount() {
      return acceptedCount;
    },
    get cutCount() {
      return cutCount;
    },
    pass: () => {
      mode = 'pass';
      delayMs = 0;
      cut = undefined;
      lostText = undefined;
      for (const link of links) link.lighten();
    },
    blackhole: () => {
      mode = 'blackhole';
    },
    refuse: () => {
      mode = 'refuse';
    },
    resetAll: () => {
      for (const link of links) link.reset();
    },
    delay: (ms) => {
      delayMs = ms;
    },
    cut: ({ direction, afterBytes, onlyAfter }) => {
      cut = { direction, rest: afterBytes, onlyAfter };
    },
    loseAnswer: (toRequest) => {
      lostText = toRequest;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const link of links) link.reset();
      }),
  };
}

/** What a link is told by its proxy. */
interface LinkRules {
  readonly isDark: () => boolean;
  readonly delayMs: () => number;
  readonly takeCut: (direction: Direction, chunk: Buffer) => number | undefined;
  /** The answer to this request is to be lost. */
  readonly takesLoss: (chunk: Buffer) => boolean;
}

/** The two halves of one proxied connection. */
class Link {
  private isReset = false;
  private isLosingAnswer = false;
  /** What waits for the light, in order. */
  private readonly held: (() => void)[] = [];
  /** Chunks that are being delayed. */
  private readonly pending: Record<Direction, number> = { up: 0, down: 0 };

  constructor(
    private readonly client: Socket,
    private readonly target: Socket,
    private readonly rules: LinkRules,
  ) {
    this.pump('up', client, target);
    this.pump('down', target, client);
  }

  onceClosed(task: () => void): void {
    let open = 2;
    for (const socket of [this.client, this.target]) socket.once('close', () => --open === 0 && task());
  }

  reset(): void {
    this.isReset = true;
    this.held.length = 0;
    this.client.resetAndDestroy();
    this.target.resetAndDestroy();
  }

  /** Delivers what was held back. */
  lighten(): void {
    for (const step of this.held.splice(0)) step();
  }

  private pump(direction: Direction, from: Socket, to: Socket): void {
    // Delayed chunks leave in the order in which they came, whatever the delay was when they did.
    let last = Promise.resolve();
    const later = (step: () => void): void => {
      const ms = this.rules.delayMs();
      if (ms === 0 && this.pending[direction] === 0) {
        step();
        return;
      }
      this.pending[direction]++;
      const due = new Promise<void>((resolve) => setTimeout(resolve, ms));
      last = last
        .then(() => due)
        .then(() => {
          this.pending[direction]--;
          if (!this.isReset) step();
        });
    };
    const send = (step: () => void): void => {
      if (this.rules.isDark() || this.held.length > 0) this.held.push(() => later(step));
      else later(step);
    };
    from.on('data', (chunk: Buffer) => {
      if (direction === 'down' && this.isLosingAnswer) {
        this.reset();
        return;
      }
      if (direction === 'up' && this.rules.takesLoss(chunk)) this.isLosingAnswer = true;
      const passing = this.rules.takeCut(direction, chunk);
      if (passing === undefined) {
        send(() => {
          if (to.writable && !to.write(chunk)) from.pause();
        });
        return;
      }
      // Handed over before the reset, or the peer would never see what was let through.
      if (passing === 0) this.reset();
      else to.write(chunk.subarray(0, passing), () => setImmediate(() => this.reset()));
      from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('end', () => send(() => to.end()));
    // What went wrong is told by `close`.
    from.on('error', () => undefined);
    from.on('close', (hadError) => {
      if (this.isReset) return;
      if (hadError && !this.rules.isDark()) this.reset();
      else send(() => to.end());
    });
  }
}

async function listen(server: Server): Promise<number> {
  const port = await freePort();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return port;
}
