import type { ChatAnswer, ChatRequest, ChatStreamReader, OriginalFormat } from './canonical/chat.js';
import type { EmbeddingsAnswer, EmbeddingsRequest } from './canonical/embeddings.js';
import type { ErrorRow } from './canonical/error-row.js';
import type { ImageTaskModel, ImageTaskRequest } from './canonical/image-task.js';
import type { ImagesAnswer, ImagesRequest } from './canonical/images.js';
import type { ProviderError } from './canonical/provider-error.js';
import type { TaskAnswer, TaskCall, TaskRef, TaskState, VideoModel, VideoRequest } from './canonical/video.js';
import type {
  CompletionsOperation,
  ModerationsOperation,
  RerankOperation,
  SpeechOperation,
  TranscriptionsOperation,
} from './passed-operations.js';
import type { OperationPath, Target, UpstreamBody } from './translated.js';

export type {
  CompletionsOperation,
  ModerationsOperation,
  RerankOperation,
  SpeechOperation,
  TranscriptionsOperation,
} from './passed-operations.js';
export type { OperationPath, Target, UpstreamBody } from './translated.js';

/** Options of one translation that the relay decides. */
export interface ChatOptions {
  /** A cap on output tokens the hub wants to send when the caller gave none (quota). */
  readonly outputTokensCap?: number;
  /**
   * The beginning of an answer that broke off, which the model is to go on from; only for models that
   * {@link ChatOperation.canPrefill} takes it for. Without white space at its end.
   */
  readonly prefill?: string;
}

/** An upstream answer that is not a success, as the transport read it (body cut at a limit). */
export interface UpstreamFailure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * How a streamed answer is cut into events: `sse` (default), `ndjson` (a JSON text per line: events without a name), or `aws` (binary
 * `application/vnd.amazon.eventstream` frames: the event's name is its `:event-type`, or its `:exception-type`).
 */
export type StreamFraming = 'sse' | 'ndjson' | 'aws';

/** chat/completions both ways. All functions are pure: no network, clock, logger, database or secret. */
export interface ChatOperation {
  /** Path below the channel's base URL, such as `/chat/completions`. */
  readonly path: OperationPath;
  /** Throws ProviderError `unsupported_option` with `param` for an option this provider cannot honour. */
  toBody(request: ChatRequest, target: Target, options: ChatOptions): UpstreamBody;
  /** Throws ProviderError when the body is not an answer (`invalid_response`) or is an in-band error. */
  fromBody(body: Uint8Array, target: Target, request: ChatRequest): ChatAnswer;
  openStream(target: Target, request: ChatRequest): ChatStreamReader;
  /**
   * The format of callers that it speaks itself with a model: it reads `ChatRequest.original` where there is one of that format.
   * Undefined, or left out: none.
   */
  speaks?(upstreamModel: string): OriginalFormat | undefined;
  /** Default `sse`. */
  readonly framing?: StreamFraming;
  /**
   * True for upstream models that go on from the beginning of an answer they are given. Left out: none does. One that refuses it all the
   * same must say so with a 400, and never begin anew in silence.
   */
  canPrefill?(upstreamModel: string): boolean;
  /** True when its streams say with an item `begun` that the model works, also while it thinks in silence. */
  readonly tellsWhenBegun?: boolean;
  /**
   * True when pictures and files by https address must be sent along as bytes. The relay then fetches them and hands over a request
   * whose addresses are data URIs.
   */
  readonly needsInlineMedia?: boolean;
}

/** embeddings both ways; pure. */
export interface EmbeddingsOperation {
  readonly path: OperationPath;
  /** How many inputs one upstream request may carry; more are split by the relay. */
  readonly inputsMax?: number;
  toBody(request: EmbeddingsRequest, target: Target): UpstreamBody;
  fromBody(body: Uint8Array, request: EmbeddingsRequest, target: Target): EmbeddingsAnswer;
}

/** images/generations both ways; pure. */
export interface ImagesOperation {
  readonly path: OperationPath;
  /** Where it lies, from the path of the channel's base URL; default: right there. */
  basePath?(basePath: string): string;
  /**
   * Names of the vendor's own options that a job may give as members of its `providerOptions`; they come as members of the body. None
   * of them may change how many pictures are made. Default: none.
   */
  readonly options?: readonly string[];
  toBody(request: ImagesRequest, target: Target): UpstreamBody;
  fromBody(body: Uint8Array, request: ImagesRequest, target: Target): ImagesAnswer;
}

/** images/edits: the multipart body is passed through with the model name replaced; answers read like generations. */
export interface ImageEditsOperation {
  readonly path: OperationPath;
}

/** The upstream's own list of its models: a question that costs nothing and needs the credential. Pure. */
export interface ModelListOperation {
  /** Path below the channel's base URL, such as `/models`. */
  readonly path: string;
  /** The upstream's names of its models. Throws ProviderError `invalid_response` when the body is no such list. */
  fromBody(body: Uint8Array): readonly string[];
}

/** Request headers that carry a credential, e.g. `{ authorization: 'Bearer …' }`. */
export type AuthStyle = (credential: string) => Readonly<Record<string, string>>;

/** A request whose headers carry a signature in place of the credential. */
export interface SignableRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query, as they are sent. */
  readonly path: string;
  /** All that are sent besides; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/**
 * Signs one request; its result depends on nothing but the arguments.
 * @param nowMs Unix time in milliseconds.
 * @returns the headers to add, lower-case names. Throws ProviderError `credential` for a credential that is none.
 */
export type SignRequest = (
  request: SignableRequest,
  credential: string,
  nowMs: number,
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

/** Turns a long-lived credential into tokens for an hour or so. Pure: the hub sends, and keeps the token while it lasts. */
export interface AccessTokens {
  /** False for a credential that is used as it is, where a vendor has such beside those that buy tokens. Left out: all buy. */
  isFor?(credential: string): boolean;
  /**
   * The request for a token. Throws ProviderError `credential` for a credential that is none.
   * @param nowMs Unix time in milliseconds.
   */
  toCall(
    credential: string,
    nowMs: number,
  ): {
    /** Where it goes, with POST: an https address, or any where the channel may reach private networks. */
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  /**
   * False for addresses that are not the vendor's, where a credential names its own token service; these are asked only for channels that
   * may reach private networks. Left out: all are.
   */
  isOwnAddress?(url: URL): boolean;
  /**
   * Reads the answer, whatever its status. Throws ProviderError when there is no token in it; `credential` where the credential is to
   * blame.
   */
  fromAnswer(answer: TaskAnswer, nowMs: number): { readonly token: string; readonly expiresAtMs: number };
}

/** What is known of a submission whose answer never came. */
export interface LostSubmission<Request = VideoRequest> {
  readonly request: Request;
  /** When it was sent, Unix time in milliseconds. */
  readonly sentAtMs: number;
}

/** What of a task API does not depend on what is asked for. */
export interface TaskApi {
  /** What operators should know of the service, in whole sentences; printed in docs/providers.md. */
  readonly note?: string;
  /** For how long after the end of a task its links work, in hours; left out where the vendor does not say. */
  readonly linksLastHours?: number;
  /** Where the task API lies, from the path of the channel's base URL; default: right there. */
  basePath?(basePath: string): string;
  /** Whether a host is the vendor's own, where it names several of them in its answers. */
  isOwnHost?(host: string): boolean;
  /** Headers that carry the credential, where the provider's own `auth` will not do for tasks. */
  auth?(credential: string, nowMs: number): Readonly<Record<string, string>>;
  /** The vendor's error table as far as it is known; `toError` goes by the same rows. */
  readonly errors?: readonly ErrorRow[];
  toStatus(ref: TaskRef): TaskCall;
  fromStatus(answer: TaskAnswer, ref: TaskRef): TaskState;
  readonly cancel?: {
    /** In which state the upstream lets a task be called off; in others the call may destroy its record. */
    readonly states: readonly ('queued' | 'processing')[];
    /** True where what is called off is billed all the same: only whoever asked for it may want that, the hub does not by itself. */
    readonly isBilled?: boolean;
    /** Undefined for a task that cannot be called off although others of the vendor can. */
    toCall(ref: TaskRef): TaskCall | undefined;
    /**
     * Throws ProviderError when it was refused. That the task is off is for its state to say; a task that the upstream then does not
     * know any more counts as called off.
     */
    fromAnswer(answer: TaskAnswer, ref: TaskRef): void;
  };
  /** How to fetch an output that lies behind the channel's credential. @param index counts from 0. */
  toContent?(ref: TaskRef, index: number): TaskCall;
  /**
   * Takes the file out of the answer to {@link toContent}, where that is not the file itself but tells it, as base64 in JSON.
   * @throws ProviderError when it is not in there.
   */
  fromContent?(answer: TaskAnswer, index: number): Uint8Array;
  /** The most that an answer may have, in bytes, where its answers tell whole files; default 4 MiB. */
  readonly answerBytesMax?: number;
  /** Callbacks that the upstream signs. A provider's tasks all have the same, whatever they make. */
  readonly callback?: {
    /**
     * @param nowMs Unix time in milliseconds.
     * @param url where the vendor was told to send it, for those that sign the address.
     */
    isGenuine(
      secret: string,
      headers: Readonly<Record<string, string>>,
      body: Uint8Array,
      nowMs: number,
      url: string,
    ): boolean;
    /** Which task it is about; undefined when it cannot be told. */
    read(body: Uint8Array): { readonly externalId?: string; readonly upstreamId?: string } | undefined;
    /** The id of a task as the upstream's callbacks name it. */
    idOf(ref: TaskRef): string;
  };
  /** False when an error of `fromSubmit` may have been given although the task exists, besides those that {@link errors} marks. */
  isDefinite?(error: ProviderError): boolean;
  /**
   * When to ask: after so many milliseconds first, growing to so many. Default 5,000 and 15,000, while a caller waits for pictures
   * 1,000 and 5,000.
   */
  readonly statusEveryMs?: { readonly first: number; readonly max: number };
}

/**
 * Something that is made as a task: submitted, asked after, fetched. All functions are pure, and those that read an answer throw
 * ProviderError for one that is a refusal or cannot be understood; "it failed" is a {@link TaskState}, "could not ask" is
 * an error.
 */
export interface TaskOperation<Request, Kept = Request> extends TaskApi {
  /**
   * Files that the upstream wants to have before a task can name them. An upload makes nothing that costs, and one that was not answered
   * is made again.
   */
  readonly uploads?: {
    /** None where the request needs none. */
    toCalls(request: Request, target: Target): readonly TaskCall[];
    /** What the upstream calls the file. Throws ProviderError when it did not take it. */
    fromAnswer(answer: TaskAnswer): string;
  };
  /** @param uploads what the files of {@link uploads} are called, in the order of its calls. */
  toSubmit(request: Request, target: Target, uploads?: readonly string[]): TaskCall;
  /** The reference of the task that the upstream has taken on. */
  fromSubmit(answer: TaskAnswer, request: Request, target: Target): TaskRef;
  /** Finds a task whose submission was not answered, by what is kept of its request. Without it such a request or job fails. */
  readonly lookup?: {
    toCall(lost: LostSubmission<Kept>, target: Target): TaskCall;
    /**
     * The task; `absent` when it certainly does not exist, so that it may be submitted again; `unsure` otherwise.
     * @param isKnown tells whether this hub has this task for something else.
     */
    fromAnswer(
      answer: TaskAnswer,
      lost: LostSubmission<Kept>,
      isKnown: (ref: TaskRef) => boolean,
      target: Target,
    ): TaskRef | 'absent' | 'unsure';
    /** How long after the submission an `absent` can be believed, in milliseconds; default 60,000. */
    readonly settleMs?: number;
  };
}

/** Videos as tasks. */
export interface VideoOperation extends TaskOperation<VideoRequest> {
  /** Upstream name of the model that serves a caller who names none. */
  readonly defaultModel: string;
  /** What an upstream model can do; undefined when it is not one for videos. */
  modelOf(upstreamModel: string): VideoModel | undefined;
  /**
   * What is assumed of a model that {@link modelOf} does not know and that the operator declares to be one for videos; undefined
   * where the vendor's own list is all there is.
   */
  readonly genericModel?: VideoModel;
  /** Tokens that the upstream will count, where it bills by them; for the hold. */
  tokensOf?(request: VideoRequest, target: Target): number;
}

/** What is kept of pictures that a caller waits for, so that their task can be found: nothing of what they shall show. */
export type KeptImageRequest = Pick<ImageTaskRequest, 'externalId'>;

/**
 * Pictures as tasks. Who waits for an answer of images/generations has the hub ask after the task; a job goes the way of those
 * for videos. A provider may have {@link Provider.images} beside it: the upstream model decides.
 */
export interface ImageTaskOperation extends TaskOperation<ImageTaskRequest, KeptImageRequest> {
  /** What an upstream model can do; undefined for those that are not made as tasks. */
  modelOf(upstreamModel: string): ImageTaskModel | undefined;
}

/** The declaration of a provider: identity, endpoints and capabilities are data; bodies and streams are functions. */
export interface Provider {
  /** Stable id as written in HUB_CONFIG and stored with a channel, e.g. `deepseek`. */
  readonly id: string;
  /** Name for people. */
  readonly name: string;
  /** Default base URL without a trailing slash; undefined when each channel must give its own. */
  readonly baseUrl?: string;
  readonly auth: AuthStyle;
  /** Where the credential itself is never sent; {@link auth} then gives headers that hold no secret, or none. */
  readonly sign?: SignRequest;
  /** Where the credential buys tokens; {@link auth} is then called with a token, or with a credential that buys none. */
  readonly accessTokens?: AccessTokens;
  /** What is secret inside a credential of several parts, such as the key of a key pair: no error or log may show it. Never throws. */
  secretsOf?(credential: string): readonly string[];
  /** False when the provider works without a credential (local servers). Default true. */
  readonly isCredentialRequired?: boolean;
  /** Environment variables from which a first start makes a channel. */
  readonly environment?: {
    readonly apiKey: readonly string[];
    /** Two that make the credential together, joined by a colon, where none of {@link apiKey} is set. */
    readonly apiKeyPair?: readonly [string, string];
    readonly baseUrl?: readonly string[];
  };
  /** Upstream model names a channel made from the environment starts with; the public names are the same. */
  readonly defaultModels: readonly string[];
  /** Upstream response headers the caller may see besides the common allow-list. Lower case. */
  readonly passResponseHeaders?: readonly string[];
  readonly chat?: ChatOperation;
  readonly embeddings?: EmbeddingsOperation;
  readonly images?: ImagesOperation;
  readonly imageEdits?: ImageEditsOperation;
  readonly imageTasks?: ImageTaskOperation;
  readonly video?: VideoOperation;
  readonly completions?: CompletionsOperation;
  readonly moderations?: ModerationsOperation;
  readonly transcriptions?: TranscriptionsOperation;
  readonly speech?: SpeechOperation;
  readonly rerank?: RerankOperation;
  /**
   * What is wrong with a base URL that cannot be right, to follow its name in a message; undefined where it may be. Asked when a channel
   * is written down, so that the mistake is not found by customers.
   */
  checkBaseUrl?(baseUrl: string): string | undefined;
  /** The same of a credential, which the answer does not quote. */
  checkCredential?(credential: string): string | undefined;
  /** Undefined where the vendor has none, or tells it to anybody. */
  readonly modelList?: ModelListOperation;
  /** Reads an error answer, in whatever shape it comes, HTML and empty bodies included. Never throws. */
  toError(failure: UpstreamFailure): ProviderError;
}
