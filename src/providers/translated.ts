import type { ChatExtensions } from './canonical/chat.js';

/** Where a request goes: the route that was chosen. */
export interface Target {
  /** The name the upstream knows the model by. */
  readonly upstreamModel: string;
  /** The name the caller used and gets back. */
  readonly publicModel: string;
}

/** A translated request. */
export interface UpstreamBody {
  readonly body: Uint8Array;
  /** The caller's own words went through (`ChatOperation.speaks`), so that names in `droppedParams` are the caller's. */
  readonly isOriginal?: boolean;
  /** Caller options this provider cannot honour and that were left out; reported to the caller by name, never silently. */
  readonly droppedParams: readonly string[];
  /** Names of those of `ChatRequest.extensions` that it honours; the others are reported like {@link droppedParams}. */
  readonly honoured?: readonly (keyof ChatExtensions)[];
  /** The upstream was asked to stream although the caller was not, or the other way round. */
  readonly isStream: boolean;
  /** Headers of this request besides the channel's, such as a beta's name; lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Media type of {@link body}, where it is not `application/json`; a multipart body's with its boundary. */
  readonly contentType?: string;
  /** Where this one goes, when it is not where the operation's others go. */
  readonly path?: OperationPath;
}

/**
 * Path and query below the channel's base URL.
 * @param isStream what {@link UpstreamBody} says.
 * @param basePath path of the base URL without a trailing slash, for a vendor whose surfaces lie below different ones.
 */
export type OperationPath = string | ((target: Target, isStream: boolean, basePath: string) => string);
