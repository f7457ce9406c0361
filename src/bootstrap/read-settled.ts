import { setTimeout as delay } from 'node:timers/promises';

/** An editor or a copy that writes a file in parts is done within this, or is seen to go on. */
const SETTLE_MS = 250;
/** A file that changes this often while it is looked at is left for the next look. */
const READS_MAX = 8;

/**
 * Reads until two reads in a row give the same, so that half a file, which may well be valid by itself, is never taken for all of it.
 *
 * @param read gives the text of the file now.
 * @returns undefined while the file goes on changing.
 */
export async function readSettled(read: () => Promise<string>, settleMs = SETTLE_MS): Promise<string | undefined> {
  let text = await read();
  for (let reads = 1; reads < READS_MAX; reads++) {
    await delay(settleMs);
    const again = await read();
    if (again === text) return text;
    text = again;
  }
  return undefined;
}
