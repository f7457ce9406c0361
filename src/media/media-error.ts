/**
 * Why a result could not be kept:
 * - `gone`: its link does not give it, and will not: 404, 410, a refusal, no usable address. A fresh link may.
 * - `unreachable`: no answer, a broken or cut one, or a fault of the server.
 * - `too_large`: beyond HUB_MEDIA_FILE_BYTES_MAX.
 * - `wrong_type`: not a video, or not a picture, whatever the upstream calls it.
 * - `no_space`: our own storage does not take it at the moment.
 */
export type MediaFault = 'gone' | 'unreachable' | 'too_large' | 'wrong_type' | 'no_space';

/** A result that could not be kept. Its message names no link, which may hold a credential. */
export class MediaError extends Error {
  override readonly name = 'MediaError';

  /** @param retryable true when the same source may do later. */
  constructor(
    readonly fault: MediaFault,
    readonly retryable: boolean,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}
