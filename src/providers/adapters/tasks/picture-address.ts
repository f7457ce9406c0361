import type { MediaInput } from '../../canonical/video.js';

/** A picture as one text: its address, or its bytes as a data URI. */
export function pictureAddress(input: MediaInput): string {
  return input.kind === 'url' ? input.url : `data:${input.contentType};base64,${input.base64}`;
}
