import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cancellation } from '../../src/common/cancellation.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import type { JobKind } from '../../src/jobs/job.js';
import { Custody, type KeptFile } from '../../src/media/custody.js';
import { MediaFetcher } from '../../src/media/media-fetcher.js';
import type { MediaRoom } from '../../src/media/media-room.js';
import type { MediaSource } from '../../src/media/media-source.js';
import type { ResultLinks } from '../../src/media/result-links.js';
import { LocalStorage } from '../../src/media/storage/local-storage.js';
import type { UpstreamLimits } from '../../src/providers/transport/upstream-client.js';

/** How an upstream answers. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Largest result on the bench. */
export const FILE_BYTES_MAX = 4 * 1024 * 1024;

const JOB = '0190aaaa00007000800000000000000e';

/** Custody over a folder, and an upstream that answers as it is told. */
export class CustodyBench {
  /** Everything lies here; the results in `media`. */
  readonly folder = mkdtempSync(join(tmpdir(), 'custody-'));
  readonly requests: IncomingMessage[] = [];
  answer: Answer = (_request, response) => response.writeHead(404).end();
  private custody: Custody;
  private readonly fetcher: MediaFetcher;

  private constructor(
    private readonly server: Server,
    /** Of the upstream. */
    readonly origin: string,
    limits: Partial<UpstreamLimits>,
  ) {
    this.fetcher = new MediaFetcher({
      limits,
      resolveAll: (_host, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.requests.push(request);
      this.answer(request, response);
    });
    this.custody = this.over(new LocalStorage(join(this.folder, 'media')));
  }

  /** @param limits of a fetch; the product's own are patient. */
  static async start(limits: Partial<UpstreamLimits> = {}): Promise<CustodyBench> {
    const server = createServer();
    return new CustodyBench(server, await listen(server), limits);
  }

  /** Keeps results elsewhere from now on. */
  use(storage: LocalStorage): void {
    this.custody = this.over(storage);
  }

  /** Keeps the result that lies at the upstream, unless `source` says otherwise. */
  keep(
    source: Partial<MediaSource> & { url?: string } = {},
    kind: JobKind = 'video',
    signal = new Cancellation(),
  ): Promise<KeptFile> {
    const full = { kind: 'url', url: `${this.origin}/result`, allowPrivateNetwork: true, ...source } as MediaSource;
    return this.custody.keep(JOB, 0, kind, full, signal);
  }

  /** The error with which something fails. Nothing is left of it, unfinished files included. */
  async failureOf(work: Promise<unknown>): Promise<Error> {
    const outcome = await work.then(
      () => new Error('nothing failed'),
      (error: Error) => error,
    );
    expect(this.left()).toEqual([]);
    return outcome;
  }

  /** A file as it was stored. */
  stored(kept: KeptFile): Buffer {
    return readFileSync(join(this.folder, 'media', kept.storageKey));
  }

  /** Names of all files. */
  left(): string[] {
    const entries = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  /** Throws away what was kept. */
  clear(): void {
    rmSync(join(this.folder, 'media'), { recursive: true, force: true });
    this.use(new LocalStorage(join(this.folder, 'media')));
  }

  async close(): Promise<void> {
    await this.fetcher.close();
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.folder, { recursive: true });
  }

  private over(storage: LocalStorage): Custody {
    const settings = parseSettings({ HUB_MEDIA_FILE_BYTES_MAX: String(FILE_BYTES_MAX) });
    const room = { requireForResult: async () => undefined } as unknown as MediaRoom;
    return new Custody(settings, storage, this.fetcher, room, {} as ResultLinks);
  }
}

/** Listens on a free port of this machine. @returns the origin. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends the beginning of an MP4, and then bytes without end. @returns how many were given to the system so far. */
export function pourEndlessly(start: Buffer): { readonly answer: Answer; sent(): number } {
  const chunk = Buffer.alloc(64 * 1024);
  let sent = 0;
  return {
    sent: () => sent,
    answer: (_request, response) => {
      response.writeHead(200);
      response.write(start);
      const pour = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', pour);
      pour();
    },
  };
}
