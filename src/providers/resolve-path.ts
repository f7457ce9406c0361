import type { OperationPath, Target } from './provider.js';

/** What a channel adds to the path of an operation. */
export interface PathContext {
  readonly target: Target;
  /** Path of the channel's base URL, without a trailing slash. */
  readonly basePath: string;
}

/**
 * Path and query of a request, the base URL's included.
 * @param isStream whether the upstream is asked to stream.
 */
export function resolvePath(path: OperationPath, { target, basePath }: PathContext, isStream: boolean): string {
  return basePath + (typeof path === 'string' ? path : path(target, isStream, basePath));
}
