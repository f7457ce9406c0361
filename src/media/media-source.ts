import type { CancelSignal } from '../common/cancellation.js';
import type { UpstreamResponse } from '../providers/transport/upstream-client.js';

/** Where a result comes from. */
export type MediaSource =
  /** Fetched without a credential. Here and below `allowPrivateNetwork` holds for that one origin, not for redirects to others. */
  | { readonly kind: 'url'; readonly url: string; readonly allowPrivateNetwork: boolean }
  /** Behind a channel's credential, which `open` sends to `origin`; a redirect in its answer is followed without. */
  | {
      readonly kind: 'response';
      readonly origin: string;
      readonly allowPrivateNetwork: boolean;
      open(signal: CancelSignal): Promise<UpstreamResponse>;
    }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** A result whose bytes are on their way. */
export interface OpenedMedia {
  /** As the sender announced it. */
  readonly bytes: number | undefined;
  /** The next bytes; undefined at the end. @throws MediaError when it breaks off. */
  next(): Promise<Uint8Array | undefined>;
  /** Gives up what has not been read. */
  close(): void;
}
