import { ProviderError } from '../../providers/canonical/provider-error.js';

/** No model says as much. */
const CHARS_MAX = 16 * 1024 * 1024;

/** Bounds what a writer has to keep of an answer until its end. */
export class KeptChars {
  private count = 0;

  /** @param max more is refused. */
  constructor(private readonly max = CHARS_MAX) {}

  /**
   * Takes a text that is kept, and gives it back.
   * @throws ProviderError `invalid_response` for an answer without end.
   */
  take(text: string): string {
    this.count += text.length;
    if (this.count <= this.max) return text;
    throw new ProviderError({
      kind: 'invalid_response',
      message: `The upstream answer has more than ${this.max} characters.`,
    });
  }
}
