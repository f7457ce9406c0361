import { createHash } from 'node:crypto';

/** A Lua script and the name by which Redis remembers it. */
export interface RedisScript {
  readonly source: string;
  /** SHA-1 of the source, in hex. */
  readonly sha: string;
}

/** Prepares a script for {@link RedisService.runScript}. */
export function defineScript(source: string): RedisScript {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}
