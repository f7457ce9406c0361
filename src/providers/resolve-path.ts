import type { ImagesOperation, OperationPath, Target, UpstreamBody } from './provider.js';

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

/** Where a request for pictures goes, the base URL's path included. */
export function imagesPathOf(
  { path, basePath: rebase }: Pick<ImagesOperation, 'path' | 'basePath'>,
  translated: Pick<UpstreamBody, 'path' | 'isStream'>,
  { target, basePath }: PathContext,
): string {
  const context = { target, basePath: rebase?.(basePath) ?? basePath };
  return resolvePath(translated.path ?? path, context, translated.isStream);
}

/** The headers of a translated request. @param common those of every JSON request on its channel. */
export function headersOf(
  common: Readonly<Record<string, string>>,
  { headers, contentType }: Pick<UpstreamBody, 'headers' | 'contentType'>,
): Readonly<Record<string, string>> {
  if (headers === undefined && contentType === undefined) return common;
  return { ...common, ...(contentType !== undefined && { 'content-type': contentType }), ...headers };
}
