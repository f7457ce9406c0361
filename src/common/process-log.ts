import { constants, fstatSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DestinationStream, type Logger, pino } from 'pino';

const BUFFER_BYTES = 32 * 1024;
// The writer takes no buffer that is not smaller than its largest write.
const WRITE_BYTES_MAX = 64 * 1024;
const FLUSH_MS = 250;
// Lines beyond this are dropped while nobody reads the log, rather than kept in memory.
const BACKLOG_BYTES_MAX = 8 * 1024 * 1024;
/** How long the end of the process waits for a reader. */
const LAST_FLUSH_MS = 500;
const STDOUT = 1;

/** The log of the process: JSON lines on standard output. */
export interface ProcessLog {
  readonly logger: Logger;
  /** Writes what is buffered and closes the log, before the process ends; nobody waits longer than half a second for it. */
  close(): Promise<void>;
}

/** Opens the log. Lines are written in blocks and off the request path, at least four times a second. */
export function openProcessLog(level: string): ProcessLog {
  const destination = pino.destination({
    fd: openStdout(),
    sync: false,
    minLength: BUFFER_BYTES,
    maxWrite: WRITE_BYTES_MAX,
    maxLength: BACKLOG_BYTES_MAX,
  });
  destination.on('error', () => undefined);
  // What else is written there, such as the banner, is no reason to stop either.
  process.stdout.on('error', () => undefined);
  const logger = pino({ level, base: null }, destination satisfies DestinationStream);
  let droppedLines = 0;
  destination.on('drop', () => {
    droppedLines++;
  });
  // There is room again: whoever reads the log now should know that it has a gap.
  destination.on('drain', () => {
    if (droppedLines === 0) return;
    const lines = droppedLines;
    droppedLines = 0;
    logger.warn({ lines }, 'Lines of this log were dropped: nobody had read it for too long.');
  });
  const timer = setInterval(() => destination.flush(), FLUSH_MS).unref();
  const close = async (): Promise<void> => {
    clearInterval(timer);
    // Not flushSync: it tries for ever on a disk that is full, and so would pino at the exit of the process.
    const isWritten = new Promise<void>((resolve) => destination.flush(() => resolve()));
    await Promise.race([isWritten, sleep(LAST_FLUSH_MS)]);
    destination.destroy();
  };
  return { logger, close };
}

/**
 * Writing into a full pipe blocks, at the end of the process for ever. Opened anew, without changing it for others who share
 * it, the pipe says that it is full instead. Where that is not possible, and for anything but a pipe, it is used as it is.
 */
function openStdout(): number {
  try {
    if (process.platform !== 'linux' || !fstatSync(STDOUT).isFIFO()) return STDOUT;
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return STDOUT;
  }
}
