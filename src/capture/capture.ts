import { StringDecoder } from 'node:string_decoder';
import { API_KEY_PREFIX } from '../common/api-key.js';

/** The most that is kept of a request, and of an answer, in bytes of UTF-8; the rest is cut off. */
export const CAPTURED_BYTES_MAX = 256 * 1024;

/** Who asked what, of an exchange that is captured. */
export interface CaptureFacts {
  /** `req_…` */
  readonly requestId: string;
  readonly accountId: string;
  readonly keyId: string;
  /** Method and path. */
  readonly endpoint: string;
}

/** An exchange that is over. */
export interface CapturedSides extends CaptureFacts {
  readonly model: string | undefined;
  readonly request: string | undefined;
  readonly response: string | undefined;
  /** HTTP status of the answer. */
  readonly status: number;
  /** One of the sides was longer than {@link CAPTURED_BYTES_MAX}. */
  readonly isTruncated: boolean;
}

/** Collects the two sides of one exchange while it lasts. Bodies only: headers, and with them credentials, never get here. */
export class Capture {
  private readonly request = new CappedText();
  private readonly response = new CappedText();
  private isOver = false;

  /** @param onEnd is given the whole, once; it must not throw. */
  constructor(
    private readonly facts: CaptureFacts,
    private readonly onEnd: (sides: CapturedSides) => void,
  ) {}

  /** Takes the body of the request; of an upload its fields, not its files. */
  takeRequest(body: Uint8Array): void {
    this.request.add(body);
  }

  /** Takes the next part of the answer, as it is sent. */
  takeAnswer(part: Uint8Array | string): void {
    this.response.add(part);
  }

  /** Ends it; only the first call counts. @param model as asked for, when it came so far. */
  end(status: number, model: string | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.onEnd({
      ...this.facts,
      model,
      status,
      request: this.request.text(),
      response: this.response.text(),
      isTruncated: this.request.isTruncated || this.response.isTruncated,
    });
  }
}

/** Text up to a number of bytes, cut between two characters. Copies what it takes, so that a large body is let go. */
class CappedText {
  private readonly parts: string[] = [];
  private room = CAPTURED_BYTES_MAX;
  isTruncated = false;

  add(part: Uint8Array | string): void {
    if (this.room === 0) {
      this.isTruncated ||= part.length > 0;
      return;
    }
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    if (bytes.length <= this.room) {
      this.parts.push(typeof part === 'string' ? part : Buffer.from(bytes).toString());
      this.room -= bytes.length;
      return;
    }
    // The decoder holds back a character that is not complete.
    this.parts.push(new StringDecoder('utf8').write(Buffer.from(bytes.subarray(0, this.room))));
    this.room = 0;
    this.isTruncated = true;
  }

  /** Undefined when nothing came. A key of this hub that somebody put into a body is no prompt: only its form is kept. */
  text(): string | undefined {
    if (this.parts.length === 0) return undefined;
    return this.parts.join('').replace(KEY, `${API_KEY_PREFIX}...`);
  }
}

const KEY = new RegExp(`${API_KEY_PREFIX}[0-9A-Za-z]+`, 'g');
