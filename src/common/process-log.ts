import { type DestinationStream, type Logger, pino } from 'pino';

const BUFFER_BYTES = 32 * 1024;
// The writer takes no buffer that is not smaller than its largest write.
const WRITE_BYTES_MAX = 64 * 1024;
const FLUSH_MS = 250;
// Lines beyond this are dropped while nobody reads the log, rather than kept in memory.
const BACKLOG_BYTES_MAX = 8 * 1024 * 1024;

/** The log of the process: JSON lines on standard output. */
export interface ProcessLog {
  readonly logger: Logger;
  /** Writes what is buffered, before the process ends. */
  flush(): void;
}

/** Opens the log. Lines are written in blocks and off the request path, at least four times a second. */
export function openProcessLog(level: string): ProcessLog {
  const destination = pino.destination({
    fd: 1,
    sync: false,
    minLength: BUFFER_BYTES,
    maxWrite: WRITE_BYTES_MAX,
    maxLength: BACKLOG_BYTES_MAX,
  });
  destination.on('error', () => undefined);
  const timer = setInterval(() => destination.flush(), FLUSH_MS).unref();
  const flush = (): void => {
    clearInterval(timer);
    try {
      destination.flushSync();
    } catch {
      // Standard output is gone; there is nobody left to tell.
    }
  };
  return { logger: pino({ level, base: null }, destination satisfies DestinationStream), flush };
}
