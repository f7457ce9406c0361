/** A picture that comes with a request. */
export type MediaInput =
  | { readonly kind: 'url'; readonly url: string }
  /** `base64` without a `data:` prefix. */
  | { readonly kind: 'bytes'; readonly contentType: string; readonly base64: string };

/**
 * A video to make, checked against the {@link VideoModel} of where it goes: whatever it names is honoured there. What costs
 * money is always named, so that no default of a vendor can change a bill.
 */
export interface VideoRequest {
  /** '' only where the model needs no text beside a picture. */
  readonly prompt: string;
  /** First frame. */
  readonly image?: MediaInput;
  readonly lastFrame?: MediaInput;
  readonly negativePrompt?: string;
  /** Whole seconds. */
  readonly durationSeconds: number;
  /** Such as `16:9`; undefined leaves it to the vendor. */
  readonly aspectRatio?: string;
  /** Lower case, such as `720p`. */
  readonly resolution: string;
  readonly hasAudio: boolean;
  readonly seed?: number;
  /** Number of videos. */
  readonly count: number;
  /** Options in the vendor's own words; only names that {@link VideoModel.options} lists. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Who it is for, as a hash that tells nothing; undefined when the caller did not say. */
  readonly endUser?: string;
  /** The hub's own id, letters, digits and `_`, for vendors that can look a task up by it. */
  readonly externalId: string;
  /** Where the vendor shall report progress; undefined where the hub takes no callbacks. */
  readonly callbackUrl?: string;
}

/** Why a request cannot be served by a model. */
export interface VideoRefusal {
  /** The field of the public API at fault, such as `duration`. */
  readonly param: string;
  /** Plain English, fit for the caller. */
  readonly message: string;
}

/** What a model can do. Published to callers; a request beyond it is refused by the name of the option. */
export interface VideoModel {
  /** Whole seconds: each that is possible, or the least and the most. */
  readonly durations: readonly number[] | { readonly min: number; readonly max: number };
  readonly durationDefault: number;
  /** Lower case, such as `720p`. */
  readonly resolutions: readonly string[];
  readonly resolutionDefault: string;
  /** Empty where it cannot be chosen. */
  readonly aspectRatios: readonly string[];
  /** Whether it takes a first frame. `required`: it makes no video of text alone. */
  readonly image: 'none' | 'optional' | 'required';
  /** Whether it takes a last frame. */
  readonly hasLastFrame: boolean;
  /** How pictures may be given. */
  readonly imageForms: readonly MediaInput['kind'][];
  readonly audio: 'never' | 'always' | 'optional';
  /** What it does when nobody says; for `never` false, for `always` true. */
  readonly audioDefault: boolean;
  readonly hasNegativePrompt: boolean;
  readonly hasSeed: boolean;
  /** Most videos of one request. */
  readonly countMax: number;
  readonly promptCharsMax: number;
  /** Names that `providerOptions` may have. */
  readonly options: readonly string[];
  /** How long a task may take before the hub gives it up; default one hour. */
  readonly deadlineMinutes?: number;
  /** A rule between options, such as `10 s only up to 768p`. */
  readonly refusal?: (request: VideoRequest) => VideoRefusal | undefined;
}

/** What an operator may say about a model; what is left out is as its provider describes it. */
export type VideoModelPatch = Partial<Omit<VideoModel, 'refusal'>>;

/** What an upstream asks to be told again: JSON, opaque to everybody but the adapter that made it. */
export type TaskRef = Readonly<Record<string, string | number | boolean | null>>;

/** One request to an upstream's task API. */
export interface TaskCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query below the base path of the operation, such as `/contents/generations/tasks`; with {@link origin} the whole path. */
  readonly path: string;
  /**
   * Scheme and host that the upstream itself has named for this call, such as one of a region. The credential goes there only from a
   * host of the vendor to another one, `TaskApi.isOwnHost`; otherwise the channel's own host is asked.
   */
  readonly origin?: string;
  /** Besides the credential; lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `content-type` is `application/json` unless {@link headers} says otherwise. */
  readonly body?: string | Uint8Array;
}

/** The whole of an answer, whatever its status. */
export interface TaskAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A finished file. */
export interface TaskOutput {
  /** Where it can be fetched without a credential; undefined where `VideoOperation.toContent` says how. */
  readonly url?: string;
}

/** What an upstream says it used. Unknown counts are left out, never 0. */
export interface TaskUsage {
  /** Length of all videos together, in milliseconds. */
  readonly videoMs?: number;
  /** Where it bills by tokens. */
  readonly outputTokens?: number;
  /** Tokens of the request, where pictures are billed by tokens. */
  readonly inputTokens?: number;
}

/** Why a task failed at the upstream, for good. */
export type TaskFailureKind =
  /** Its content policy refused the input or the output. */
  | 'content_refused'
  /** It found fault with the request only after it had taken it. */
  | 'invalid_request'
  /** It took too long, or the upstream does not know it any more. */
  | 'expired'
  /** Anything else. */
  | 'failed';

/** The state of a task at its upstream. */
export type TaskState =
  /** `progress` in percent, where the upstream says it; the adapter adds nothing of its own. */
  | { readonly state: 'queued' | 'processing'; readonly progress?: number }
  /** Ask once more, with this reference, which is kept in place of the old one: the answer is not complete without it. */
  | { readonly state: 'follow'; readonly ref: TaskRef }
  | { readonly state: 'succeeded'; readonly outputs: readonly TaskOutput[]; readonly usage: TaskUsage }
  /** `message` is the upstream's own text and may hold anything. */
  | { readonly state: 'failed'; readonly kind: TaskFailureKind; readonly code?: string; readonly message: string }
  | { readonly state: 'cancelled' };
