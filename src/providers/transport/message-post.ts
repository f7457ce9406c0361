import { Cancellation } from '../../common/cancellation.js';
import { ProviderError } from '../canonical/provider-error.js';
import { UpstreamClient, type UpstreamClientOptions, type UpstreamLimits } from './upstream-client.js';

/** Nobody reads the answer; a short one is taken so that the connection can be used again. */
const ANSWER_BYTES_MAX = 16 * 1024;

/** One message to somebody's receiver. */
export interface OutgoingMessage {
  /** Absolute http or https URL. */
  readonly url: string;
  /** Besides `content-type` and `user-agent`; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
  readonly allowPrivateNetwork: boolean;
}

/** What became of a message. */
export interface PostOutcome {
  /** HTTP status of the answer; undefined when there was none. */
  readonly status?: number;
  /** Why it did not get there, without secrets; undefined when the receiver answered 2xx. */
  readonly failure?: string;
}

/**
 * Posts messages to receivers that somebody named: signed by whoever makes them, never redirected, on deadlines, and never to
 * a private network unless that is allowed.
 */
export class MessagePost {
  private readonly client: UpstreamClient;

  /** @param privateSetting the setting that would let a receiver be in a private network, for the reason of a refusal. */
  constructor(
    limits: UpstreamLimits,
    private readonly privateSetting: string,
    options: UpstreamClientOptions = {},
  ) {
    this.client = new UpstreamClient(limits, options);
  }

  /** Posts one message; takes no longer than the limits say. Never throws. */
  async post(message: OutgoingMessage): Promise<PostOutcome> {
    try {
      const url = new URL(message.url);
      const { status, body } = await this.client.send({
        method: 'POST',
        origin: url.origin,
        path: url.pathname + url.search,
        headers: { 'content-type': 'application/json', 'user-agent': 'ug-ai-hub', ...message.headers },
        body: Buffer.from(message.body),
        allowPrivateNetwork: message.allowPrivateNetwork,
        signal: new Cancellation(),
      });
      await body.collect(ANSWER_BYTES_MAX).catch(() => undefined);
      return status >= 200 && status < 300 ? { status } : { status, failure: `the receiver answered ${status}` };
    } catch (error) {
      return { failure: this.reasonOf(error) };
    }
  }

  /** Breaks off what is on its way. */
  async close(): Promise<void> {
    await this.client.close();
  }

  /** Kind and code of the failure. Not its text, which may quote what was sent or where to. */
  private reasonOf(error: unknown): string {
    if (!(error instanceof ProviderError)) return Error.isError(error) ? error.name : 'unknown failure';
    const { cause } = error;
    const code = Error.isError(cause) && 'code' in cause ? String(cause.code) : undefined;
    if (code === 'HUB_ADDRESS_REFUSED') return `its address is private; ${this.privateSetting}=true allows that`;
    return code === undefined ? error.kind : `${error.kind} (${code})`;
  }
}
