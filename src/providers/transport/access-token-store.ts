import { LRUCache } from 'lru-cache';
import { Cancellation, type CancelSignal } from '../../common/cancellation.js';
import { ProviderError } from '../canonical/provider-error.js';
import type { AccessTokens } from '../provider.js';
import { DeadlineError, toTransportError } from './transport-error.js';
import type { RequestDeadlines, UpstreamClient } from './upstream-client.js';

/** A token is not used any more so long before its end: clocks differ, and a request takes time to get there. */
const END_MS = 60_000;
const TOKENS_MAX = 1_000;
/** A token service says little, and says it soon. */
const ANSWER_BYTES_MAX = 256 * 1024;
const DEADLINES: RequestDeadlines = { headersMs: 8_000, totalMs: 10_000 };
const NEVER = new Cancellation();

/** A token as it is used. */
export interface AccessToken {
  readonly text: string;
  /** It was bought for an earlier request, so that it may have been revoked since. */
  readonly isUsed: boolean;
}

/** Whom a token is for. */
export interface TokenOwner {
  /** Tells channel and credential apart from all others; the credential itself is not in it. */
  readonly key: string;
  readonly tokens: AccessTokens;
  readonly credential: string;
  readonly allowPrivateNetwork: boolean;
}

/** How long somebody waits for a token. */
export interface TokenPatience {
  readonly signal: CancelSignal;
  /** Milliseconds; left out: as long as buying one may take. */
  readonly waitMs?: number;
}

interface Kept {
  readonly text: string;
  readonly expiresAtMs: number;
}

/**
 * Buys access tokens and keeps them in memory until shortly before their end. Whoever needs one while it is being bought waits for the same
 * answer. A failure is told to all who wait and then forgotten: how long a channel rests after it is for its health to say.
 */
export class AccessTokenStore {
  private readonly kept = new LRUCache<string, Kept>({ max: TOKENS_MAX });
  private readonly buying = new Map<string, Promise<Kept>>();

  /** @param now Unix time in milliseconds. */
  constructor(
    private readonly client: UpstreamClient,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * The token of a credential, at once when there is one.
   * @throws ProviderError what the adapter makes of the answer, or a failure of the network; `timeout` when the caller's patience ends.
   */
  get(owner: TokenOwner, patience: TokenPatience): AccessToken | Promise<AccessToken> {
    const kept = this.kept.get(owner.key);
    if (kept !== undefined && this.now() < kept.expiresAtMs - END_MS) return { text: kept.text, isUsed: true };
    return this.wait(owner, patience);
  }

  /** Forgets a token that was refused; one that was bought since stays. */
  drop(key: string, text: string): void {
    if (this.kept.get(key)?.text === text) this.kept.delete(key);
  }

  private async wait(owner: TokenOwner, patience: TokenPatience): Promise<AccessToken> {
    let purchase = this.buying.get(owner.key);
    if (purchase === undefined) {
      purchase = this.buy(owner).finally(() => this.buying.delete(owner.key));
      this.buying.set(owner.key, purchase);
    }
    const { text } = await withPatience(purchase, patience);
    return { text, isUsed: false };
  }

  private async buy({ key, tokens, credential, allowPrivateNetwork }: TokenOwner): Promise<Kept> {
    const call = tokens.toCall(credential, this.now());
    const url = addressOf(call.url, tokens, allowPrivateNetwork);
    const { status, headers, body } = await this.client.send({
      method: 'POST',
      origin: url.origin,
      path: url.pathname + url.search,
      headers: {
        accept: 'application/json',
        ...call.headers,
        'accept-encoding': 'identity',
        'user-agent': 'ug-ai-hub',
      },
      body: Buffer.from(call.body),
      allowPrivateNetwork,
      deadlines: DEADLINES,
      signal: NEVER,
    });
    const answer = { status, headers, body: await body.collect(ANSWER_BYTES_MAX) };
    const { token, expiresAtMs } = tokens.fromAnswer(answer, this.now());
    const bought = { text: token, expiresAtMs };
    this.kept.set(key, bought);
    return bought;
  }
}

/** A credential that names its own token service must not make the hub ask anybody for anything. */
function addressOf(text: string, tokens: AccessTokens, allowPrivateNetwork: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isAllowed =
    url !== undefined &&
    (allowPrivateNetwork
      ? url.protocol === 'https:' || url.protocol === 'http:'
      : url.protocol === 'https:' && (tokens.isOwnAddress?.(url) ?? true));
  if (isAllowed) return url;
  throw new ProviderError({ kind: 'credential', message: 'The credential names a token service that is not allowed.' });
}

/** Waits with others for something that goes on without this one. */
function withPatience<T>(shared: Promise<T>, { signal, waitMs }: TokenPatience): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (reason: unknown): void => {
      release();
      reject(toTransportError(reason, false));
    };
    const onAbort = (): void => giveUp(signal.reason);
    const timer =
      waitMs === undefined ? undefined : setTimeout(() => giveUp(new DeadlineError('headers', waitMs)), waitMs);
    const release = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    shared.finally(release).then(resolve, reject);
  });
}
