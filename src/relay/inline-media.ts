import { Cancellation, type CancelSignal } from '../common/cancellation.js';
import { JsonSource } from '../common/json-source.js';
import { MediaError } from '../media/media-error.js';
import type { MediaFetcher } from '../media/media-fetcher.js';
import type { ChatRequest } from '../providers/canonical/chat.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { attachmentTypeOf } from './attachment-type.js';
import { findAttachments, type LinkedAttachment, withAddresses } from './linked-attachments.js';

/** Bounds of what is fetched for one request. */
export interface InlineMediaLimits {
  /** Different addresses. */
  readonly addressesMax: number;
  readonly bytesMax: number;
  /** Of all of them, which are in memory together, and go out as base64. */
  readonly bytesInAllMax: number;
  /** The same of all requests of this process together: a kilobyte of addresses must not be worth its memory. */
  readonly bytesAtOnceMax: number;
  /** For all of them together. */
  readonly timeoutMs: number;
}

const LIMITS: InlineMediaLimits = {
  addressesMax: 16,
  bytesMax: 20 * 1024 * 1024,
  bytesInAllMax: 48 * 1024 * 1024,
  bytesAtOnceMax: 256 * 1024 * 1024,
  timeoutMs: 10_000,
};

/** What tests replace. */
export interface InlineMediaOptions {
  readonly limits?: Partial<InlineMediaLimits>;
  /** Never in the product: the addresses are the callers'. */
  readonly allowPrivateNetwork?: boolean;
}

/** Whom files are fetched for: all attempts of one request. */
export interface MediaOwner {
  /** Calls back when the request has ended, at once when it has already. */
  onEnd(callback: () => void): void;
}

/** What is known of one request. */
interface Fetched {
  /** Data URIs by address. */
  readonly byAddress: Map<string, Promise<string>>;
  readonly bySource: Map<JsonSource, Promise<ChatRequest>>;
  bytes: number;
  hasEnded: boolean;
}

/**
 * Puts the bytes of pictures and files into requests that name them by address, for providers that take nothing else. Every address goes
 * through the guard of the media fetcher, each hop of a redirect too, and no credential is sent.
 */
export class InlineMedia {
  private readonly requests = new WeakMap<MediaOwner, Fetched>();
  private bytesAtOnce = 0;
  private readonly limits: InlineMediaLimits;

  constructor(
    private readonly fetcher: MediaFetcher,
    private readonly options: InlineMediaOptions = {},
  ) {
    this.limits = { ...LIMITS, ...options.limits };
  }

  /**
   * The request with data URIs in place of addresses; itself when it has none. What has been fetched once is not fetched again for
   * the same owner.
   * @param owner what all attempts of one request share; what was fetched is forgotten with it.
   * @throws ProviderError `invalid_request` that names the part of the message, since the address is the caller's;
   * `unsupported_option` when it may be a matter of the moment, since another provider may take the address as it is; `busy` when
   * requests hold too much already.
   */
  async inline(owner: MediaOwner, request: ChatRequest, signal: CancelSignal): Promise<ChatRequest> {
    const { source } = request;
    const known = this.requests.get(owner)?.bySource.get(source);
    if (known !== undefined) return await known;
    const attachments = findAttachments(source.value['messages']);
    if (attachments.length === 0) return request;
    const fetched = this.requests.get(owner) ?? this.begin(owner);
    const inlined = this.replace(fetched, request, attachments, signal);
    fetched.bySource.set(source, inlined);
    return await inlined;
  }

  private begin(owner: MediaOwner): Fetched {
    const fetched: Fetched = { byAddress: new Map(), bySource: new Map(), bytes: 0, hasEnded: false };
    this.requests.set(owner, fetched);
    owner.onEnd(() => {
      fetched.hasEnded = true;
      this.bytesAtOnce -= fetched.bytes;
    });
    return fetched;
  }

  private async replace(
    fetched: Fetched,
    request: ChatRequest,
    attachments: readonly LinkedAttachment[],
    signal: CancelSignal,
  ): Promise<ChatRequest> {
    const { addressesMax, timeoutMs } = this.limits;
    const addresses = new Map(attachments.map((attachment) => [attachment.address, attachment]));
    const beyond = [...addresses.values()][addressesMax];
    if (beyond !== undefined) {
      throw atFault(
        beyond,
        `A request may name at most ${addressesMax} files by address; send the others as data URIs.`,
      );
    }
    const deadline = new Cancellation();
    const stop = (): void => deadline.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    const timer = setTimeout(() => deadline.abort(new Error('The files take too long.')), timeoutMs);
    try {
      const uris = await Promise.all(
        [...addresses].map(async ([address, attachment]) => {
          const uri = fetched.byAddress.get(address) ?? this.fetch(fetched, attachment, deadline);
          fetched.byAddress.set(address, uri);
          return [address, await uri] as const;
        }),
      );
      return { ...request, source: JsonSource.of(withAddresses(request.source.value, attachments, new Map(uris))) };
    } catch (error) {
      // The others are not wanted any more.
      deadline.abort(error);
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  private async fetch(fetched: Fetched, attachment: LinkedAttachment, signal: CancelSignal): Promise<string> {
    const { address: url } = attachment;
    const allowPrivateNetwork = this.options.allowPrivateNetwork === true;
    try {
      const bytes = await this.read(fetched, { kind: 'url', url, allowPrivateNetwork }, signal);
      const contentType = attachmentTypeOf(bytes, attachment.kind);
      if (contentType === undefined) {
        throw new MediaError('wrong_type', false, `It is no ${attachment.kind} of a known type.`);
      }
      return `data:${contentType};base64,${bytes.toString('base64')}`;
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      const reason = signal.aborted ? 'It takes too long.' : error.message;
      const isOfTheMoment = signal.aborted || error.retryable;
      throw atFault(
        attachment,
        `"${attachment.path}" cannot be fetched. ${reason}`,
        isOfTheMoment ? 'unsupported_option' : 'invalid_request',
        error,
      );
    }
  }

  private async read(
    fetched: Fetched,
    source: Parameters<MediaFetcher['open']>[0],
    signal: CancelSignal,
  ): Promise<Buffer> {
    const { bytesMax, bytesInAllMax } = this.limits;
    const opened = await this.fetcher.open(source, signal);
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      if ((opened.bytes ?? 0) > bytesMax) throw tooLarge(bytesMax);
      for (let chunk = await opened.next(); chunk !== undefined; chunk = await opened.next()) {
        chunks.push(chunk);
        size += chunk.length;
        this.count(fetched, chunk.length);
        if (size > bytesMax) throw tooLarge(bytesMax);
        if (fetched.bytes > bytesInAllMax) {
          throw new MediaError('too_large', false, `All files together are larger than ${bytesInAllMax} bytes.`);
        }
      }
    } catch (error) {
      opened.close();
      throw error;
    }
    return Buffer.concat(chunks, size);
  }

  /** @throws ProviderError `busy`. */
  private count(fetched: Fetched, bytes: number): void {
    if (fetched.hasEnded) return;
    fetched.bytes += bytes;
    this.bytesAtOnce += bytes;
    if (this.bytesAtOnce > this.limits.bytesAtOnceMax) {
      throw new ProviderError({ kind: 'busy', message: 'Requests hold too many files at the moment.' });
    }
  }
}

function tooLarge(bytesMax: number): MediaError {
  return new MediaError('too_large', false, `It is larger than ${bytesMax} bytes.`);
}

function atFault(
  { path }: LinkedAttachment,
  message: string,
  kind: 'invalid_request' | 'unsupported_option' = 'invalid_request',
  cause?: unknown,
): ProviderError {
  return new ProviderError({ kind, message, param: path, code: 'invalid_image_url', cause });
}
