import type { SseEvent } from '../canonical/chat.js';

/** Cuts the bytes of a stream into events, wherever the network has cut them. */
export interface EventReader {
  /**
   * Takes the next bytes and returns the events they complete.
   * @throws ProviderError `invalid_response` for what is longer than allowed or damaged.
   */
  push(bytes: Uint8Array): SseEvent[];
  /** Ends the input and returns what it completes. @throws ProviderError as {@link push} does, `incomplete` for half a frame. */
  end(): SseEvent[];
}
