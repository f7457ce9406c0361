import type { CancelSignal } from '../common/cancellation.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import {
  UpstreamClient,
  type UpstreamClientOptions,
  type UpstreamLimits,
  type UpstreamResponse,
} from '../providers/transport/upstream-client.js';
import { MediaError } from './media-error.js';
import type { MediaSource, OpenedMedia } from './media-source.js';

/** A gigabyte at half a megabyte a second, as from a storage on another continent, is done in time. */
const LIMITS: UpstreamLimits = {
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  totalTimeoutMs: 40 * 60_000,
  connectionsMax: 64,
};
const REDIRECTS_MAX = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** The server's fault, or ours for asking too often: asking later helps. */
const TEMPORARY: ReadonlySet<number> = new Set([408, 423, 425, 429]);

/** What tests replace. */
export interface MediaFetcherOptions extends UpstreamClientOptions {
  readonly limits?: Partial<UpstreamLimits>;
}

/** Fetches results from where upstreams say they are. Every address goes through the guard; no credential is ever sent. */
export class MediaFetcher {
  private readonly client: UpstreamClient;

  constructor({ limits, ...options }: MediaFetcherOptions = {}) {
    this.client = new UpstreamClient({ ...LIMITS, ...limits }, options);
  }

  /**
   * Begins to fetch.
   *
   * @throws MediaError `gone` or `unreachable`.
   */
  async open(source: MediaSource, signal: CancelSignal): Promise<OpenedMedia> {
    if (source.kind === 'bytes') return new GivenMedia(source.bytes);
    try {
      const response =
        source.kind === 'url'
          ? await this.get(toUrl(source.url), source.allowPrivateNetwork, signal)
          : await this.follow(await source.open(signal), toUrl(source.origin), source.allowPrivateNetwork, signal);
      return new ReceivedMedia(response);
    } catch (error) {
      throw toMediaError(error);
    }
  }

  /** Breaks off what is on its way. */
  async close(): Promise<void> {
    await this.client.close();
  }

  private async get(url: URL, allowPrivateNetwork: boolean, signal: CancelSignal): Promise<UpstreamResponse> {
    const response = await this.send(url, allowPrivateNetwork, signal);
    return await this.follow(response, url, allowPrivateNetwork, signal);
  }

  /** Follows redirects to the file. @param first where the answer came from. */
  private async follow(
    response: UpstreamResponse,
    first: URL,
    allowPrivateNetwork: boolean,
    signal: CancelSignal,
  ): Promise<UpstreamResponse> {
    let at = first;
    let answer = response;
    for (let hops = 0; REDIRECTS.has(answer.status); hops++) {
      answer.body.abort(new Error('A redirect has no body that is wanted.'));
      const { location } = answer.headers;
      if (location === undefined)
        throw new MediaError('gone', false, 'Its link leads to a redirect without an address.');
      if (hops === REDIRECTS_MAX) {
        throw new MediaError('gone', false, `Its link leads to more than ${REDIRECTS_MAX} redirects.`);
      }
      at = toUrl(location, at);
      answer = await this.send(at, allowPrivateNetwork && at.origin === first.origin, signal);
    }
    if (answer.status === 200) return answer;
    answer.body.abort(new Error('Not a file.'));
    throw statusError(answer.status);
  }

  private send(url: URL, allowPrivateNetwork: boolean, signal: CancelSignal): Promise<UpstreamResponse> {
    return this.client.send({
      method: 'GET',
      origin: url.origin,
      path: url.pathname + url.search,
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'ug-ai-hub' },
      allowPrivateNetwork,
      signal,
    });
  }
}

/** Bytes that came with the upstream's answer. */
class GivenMedia implements OpenedMedia {
  readonly bytes: number;
  private given: Uint8Array | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes.length;
    this.given = bytes;
  }

  next(): Promise<Uint8Array | undefined> {
    const bytes = this.given;
    this.given = undefined;
    return Promise.resolve(bytes);
  }

  close(): void {
    this.given = undefined;
  }
}

/** The body of an answer. */
class ReceivedMedia implements OpenedMedia {
  readonly bytes: number | undefined;

  constructor(private readonly response: UpstreamResponse) {
    const length = response.headers['content-length'];
    this.bytes = length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  }

  async next(): Promise<Uint8Array | undefined> {
    try {
      return await this.response.body.next();
    } catch (error) {
      throw toMediaError(error);
    }
  }

  close(): void {
    this.response.body.abort(new Error('The rest is not wanted.'));
  }
}

function toUrl(link: string, base?: URL): URL {
  const url = URL.parse(link, base?.href);
  if (url === null) throw new MediaError('gone', false, 'Its link is not a URL.');
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new MediaError('gone', false, 'Its link is not http.');
  if (url.username !== '' || url.password !== '') throw new MediaError('gone', false, 'Its link names a user.');
  return url;
}

function statusError(status: number): MediaError {
  const isTemporary = status >= 500 || TEMPORARY.has(status);
  return new MediaError(isTemporary ? 'unreachable' : 'gone', isTemporary, `Its link answered ${status}.`);
}

/** Kind and code of a failure. Not its text, which may quote a link. */
function toMediaError(error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error;
  if (error.status !== undefined && error.status >= 400) return statusError(error.status);
  const { cause } = error;
  const code = Error.isError(cause) && 'code' in cause ? String(cause.code) : error.kind;
  const isRefused = code === 'HUB_ADDRESS_REFUSED';
  const why = isRefused ? 'Its link leads to an address that is not allowed' : 'Its host cannot be reached';
  return new MediaError('unreachable', !isRefused, `${why} (${code}).`, error);
}
