import type { ChatOperation, ImagesOperation, ImageTaskOperation, VideoOperation } from '../../provider.js';
import type { ErrorRules } from './error-rules.js';
import type {
  CompletionsDialect,
  ModerationsDialect,
  RerankDialect,
  SpeechDialect,
  TranscriptionsDialect,
} from './passed-dialects.js';

/** Under which name a vendor takes the cap on output tokens. */
export interface OutputCap {
  /** The name for a cap that the hub words (`ChatRequest.isCapReworded`), and for the caller's when the other name is refused. */
  readonly name: 'max_tokens' | 'max_completion_tokens';
  /** True when the vendor takes both names, so that the caller's stays as it was sent. */
  readonly isOtherNameTaken: boolean;
}

/** A request body as parsed; never changed. */
export type BodyValue = Readonly<Record<string, unknown>>;

/** Why a request cannot be served by a vendor at all. */
export interface Refusal {
  /** The request field at fault. */
  readonly param: string;
  /** Plain English, fit for the caller. */
  readonly message: string;
}

/** Top-level members to replace (`JSON text`) or remove (`undefined`). */
export type BodyEdits = Record<string, string | undefined>;

/** How a vendor is asked to go on from the beginning of an answer, which is then the last message of the request. */
export interface PrefillRule {
  /** Models that are known to take it. What refuses it all the same is asked again from the start. */
  readonly isTaken: (model: string) => boolean;
  /** Member that marks the message, set to true. */
  readonly mark?: string;
  /** More top-level members, as JSON text. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Where such requests go instead of the usual path. */
  readonly path?: string;
}

/** How a vendor's chat/completions differs from OpenAI's. Everything left out means "as OpenAI". */
export interface ChatDialect {
  /** Path below the base URL; default `/chat/completions`. */
  readonly path?: string;
  /** Default: see `outputCapOf`; the caller's own word goes through as it is. */
  readonly outputCap?: OutputCap | ((model: string) => OutputCap);
  /** False when the vendor refuses `stream_options`; usage then comes unasked or not at all. Default true. */
  readonly hasStreamOptions?: boolean;
  /** Fields the vendor refuses or ignores; they are removed and reported. */
  readonly refusedFields?: readonly string[] | ((model: string, body: BodyValue) => readonly string[]);
  /** When given, every field outside this list is removed and reported. */
  readonly acceptedFields?: ReadonlySet<string>;
  /** Fields the vendor knows under another name, e.g. `seed` as `random_seed`; the value keeps its bytes. */
  readonly renamedFields?: Readonly<Record<string, string>>;
  /** Keys of a message the vendor refuses; removed and reported as `messages[].key`. */
  readonly refusedMessageFields?: ReadonlySet<string>;
  /** When given, every message key outside this list is removed and reported as `messages[].key`. */
  readonly acceptedMessageFields?: ReadonlySet<string>;
  /** False when a model can give only one choice, so that `n > 1` is refused. Default true. */
  readonly canGiveChoices?: boolean | ((model: string) => boolean);
  /** Finds an option that can neither be honoured nor left out without changing the meaning of the request. */
  readonly refusal?: (body: BodyValue, model: string) => Refusal | undefined;
  /** True for models that answer only as a stream; the relay then puts the answer together. */
  readonly isStreamOnly?: (model: string) => boolean;
  /** Left out where no model goes on from a beginning. */
  readonly prefill?: PrefillRule;
  /** Last edits in the vendor's own terms; `messages` is the list after the steps above, or undefined when not a list. */
  readonly adjust?: (body: BodyValue, edits: BodyEdits, messages: readonly unknown[] | undefined) => void;
  /** True when `completion_tokens` leaves out `reasoning_tokens`. */
  readonly isReasoningOutsideOutput?: boolean;
}

/** How a vendor's /embeddings differs. */
export interface EmbeddingsDialect {
  /** Default `/embeddings`. */
  readonly path?: string;
  /** How many inputs one request may carry. */
  readonly inputsMax?: number;
  /** True when the vendor answers in base64 when asked; otherwise the hub converts. Default false. */
  readonly hasBase64?: boolean;
  /** True when lists of token numbers are taken as input. Default false. */
  readonly hasTokenInput?: boolean;
  /** Fields the vendor refuses; they are removed and reported. */
  readonly refusedFields?: readonly string[];
  /** Fields known under another name, e.g. `dimensions` as `output_dimension`; the value keeps its bytes. */
  readonly renamedFields?: Readonly<Record<string, string>>;
  /** Fields that are sent where the caller gives none, as JSON text. */
  readonly addedFields?: Readonly<Record<string, string>>;
}

/** How a vendor's /images/generations differs. */
export interface ImagesDialect {
  /** Default `/images/generations`. */
  readonly path?: string;
  /** True when a model refuses `response_format`; the hub converts the answer instead. Default: never. */
  readonly refusesResponseFormat?: (model: string) => boolean;
  /** The vendor's word for `b64_json` in `response_format`. */
  readonly base64Name?: string;
  /** Fields known under another name, e.g. `size` as `image_size`. */
  readonly renamedFields?: Readonly<Record<string, string>>;
  /** Fields the vendor refuses; they are removed and reported. */
  readonly refusedFields?: readonly string[];
  /** False when a request gives one picture only, so that `n > 1` is refused. Default true. */
  readonly canGiveSeveral?: boolean | ((model: string) => boolean);
  /** Finds an option that cannot be honoured. */
  readonly refusal?: (body: BodyValue, model: string) => Refusal | undefined;
  /** Puts into the body what the vendor says otherwise; JSON texts by member, undefined for one that is left out. */
  readonly adjust?: (body: BodyValue, edits: BodyEdits, model: string) => void;
  /** False where streams are not OpenAI's: then the whole answer is asked for, which the relay makes a stream of. Default true. */
  readonly canStream?: boolean;
  /** The vendor's own options that jobs may have; see `ImagesOperation.options`. */
  readonly options?: readonly string[];
}

/** The description of a vendor that speaks OpenAI's format, mostly data. */
export interface Vendor {
  readonly id: string;
  readonly name: string;
  readonly baseUrl?: string;
  readonly isCredentialRequired?: boolean;
  readonly environment?: { readonly apiKey: readonly string[]; readonly baseUrl?: readonly string[] };
  readonly defaultModels: readonly string[];
  readonly passResponseHeaders?: readonly string[];
  /** Left out by a vendor of embeddings alone. */
  readonly chat?: ChatDialect;
  /** Puts another way of chatting beside the one of the dialect. */
  readonly wrapChat?: (chat: ChatOperation) => ChatOperation;
  readonly embeddings?: EmbeddingsDialect;
  readonly images?: ImagesDialect;
  /** Pictures at once in a format of the vendor's own, in place of {@link images}. */
  readonly ownImages?: ImagesOperation;
  /** Pictures as tasks, in whatever format the vendor has for them. */
  readonly imageTasks?: ImageTaskOperation;
  /** Path of multipart image edits, when the vendor has them. */
  readonly imageEditsPath?: string;
  readonly completions?: CompletionsDialect;
  readonly moderations?: ModerationsDialect;
  readonly transcriptions?: TranscriptionsDialect;
  readonly speech?: SpeechDialect;
  readonly rerank?: RerankDialect;
  /** True when `GET /models` lists the models in OpenAI's format. Default false. */
  readonly hasModelList?: boolean;
  /** Videos, in whatever format the vendor has for them. */
  readonly video?: VideoOperation;
  readonly errors?: ErrorRules;
}
