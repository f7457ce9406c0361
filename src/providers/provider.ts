import type { ChatAnswer, ChatRequest, ChatStreamReader } from './canonical/chat.js';
import type { EmbeddingsAnswer, EmbeddingsRequest } from './canonical/embeddings.js';
import type { ImagesAnswer, ImagesRequest } from './canonical/images.js';
import type { ProviderError } from './canonical/provider-error.js';

/** Where a request goes: the route that was chosen. */
export interface Target {
  /** The name the upstream knows the model by. */
  readonly upstreamModel: string;
  /** The name the caller used and gets back. */
  readonly publicModel: string;
}

/** A translated request. */
export interface UpstreamBody {
  readonly body: Uint8Array;
  /** Caller options this provider cannot honour and that were left out; reported to the caller by name, never silently. */
  readonly droppedParams: readonly string[];
  /** The upstream was asked to stream although the caller was not, or the other way round. */
  readonly isStream: boolean;
}

/** Options of one translation that the relay decides. */
export interface ChatOptions {
  /** A cap on output tokens the hub wants to send when the caller gave none (quota). */
  readonly outputTokensCap?: number;
}

/** An upstream answer that is not a success, as the transport read it (body cut at a limit). */
export interface UpstreamFailure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** chat/completions both ways. All functions are pure: no network, clock, logger, database or secret. */
export interface ChatOperation {
  /** Path below the channel's base URL, such as `/chat/completions`. */
  readonly path: string | ((target: Target) => string);
  /** Throws ProviderError `unsupported_option` with `param` for an option this provider cannot honour. */
  toBody(request: ChatRequest, target: Target, options: ChatOptions): UpstreamBody;
  /** Throws ProviderError when the body is not an answer (`invalid_response`) or is an in-band error. */
  fromBody(body: Uint8Array, target: Target): ChatAnswer;
  openStream(target: Target): ChatStreamReader;
}

/** embeddings both ways; pure. */
export interface EmbeddingsOperation {
  readonly path: string;
  /** How many inputs one upstream request may carry; more are split by the relay. */
  readonly inputsMax?: number;
  toBody(request: EmbeddingsRequest, target: Target): UpstreamBody;
  fromBody(body: Uint8Array, request: EmbeddingsRequest, target: Target): EmbeddingsAnswer;
}

/** images/generations both ways; pure. */
export interface ImagesOperation {
  readonly path: string;
  toBody(request: ImagesRequest, target: Target): UpstreamBody;
  fromBody(body: Uint8Array, request: ImagesRequest, target: Target): ImagesAnswer;
}

/** images/edits: the multipart body is passed through with the model name replaced; answers read like generations. */
export interface ImageEditsOperation {
  readonly path: string;
}

/** Request headers that carry a credential, e.g. `{ authorization: 'Bearer …' }`. */
export type AuthStyle = (credential: string) => Readonly<Record<string, string>>;

/** The declaration of a provider: identity, endpoints and capabilities are data; bodies and streams are functions. */
export interface Provider {
  /** Stable id as written in HUB_CONFIG and stored with a channel, e.g. `deepseek`. */
  readonly id: string;
  /** Name for people. */
  readonly name: string;
  /** Default base URL without a trailing slash; undefined when each channel must give its own. */
  readonly baseUrl?: string;
  readonly auth: AuthStyle;
  /** False when the provider works without a credential (local servers). Default true. */
  readonly isCredentialRequired?: boolean;
  /** Environment variables from which a first start makes a channel. */
  readonly environment?: { readonly apiKey: readonly string[]; readonly baseUrl?: readonly string[] };
  /** Upstream model names a channel made from the environment starts with; the public names are the same. */
  readonly defaultModels: readonly string[];
  /** Upstream response headers the caller may see besides the common allow-list. Lower case. */
  readonly passResponseHeaders?: readonly string[];
  readonly chat?: ChatOperation;
  readonly embeddings?: EmbeddingsOperation;
  readonly images?: ImagesOperation;
  readonly imageEdits?: ImageEditsOperation;
  /** Reads an error answer, in whatever shape it comes, HTML and empty bodies included. Never throws. */
  toError(failure: UpstreamFailure): ProviderError;
}
