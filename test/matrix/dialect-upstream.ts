/** A call of a function, its arguments parsed. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

/** What a model does with a request, in words that belong to no vendor. */
export interface Spoken {
  readonly text?: string;
  /** What it shows of its thinking, before the text. */
  readonly thought?: string;
  readonly calls?: readonly Call[];
  /** Tokens that it reports, thinking included. */
  readonly tokens: { readonly input: number; readonly output: number };
  /** It was cut off at the cap. */
  readonly isCut?: boolean;
  /** It fails after the first words of the text; only as a stream. */
  readonly breaks?: boolean;
}

/** One thing that was said before, in their order. A result names the function, since not every format has ids. */
export type Said =
  | { readonly by: 'user' | 'assistant'; readonly text: string }
  | { readonly by: 'user'; readonly picture: string }
  | { readonly by: 'assistant'; readonly call: string; readonly input: unknown }
  | { readonly by: 'tool'; readonly of: string; readonly text: string };

/** A request as an upstream understands it. */
export interface Heard {
  /** All instructions. */
  readonly system: string;
  readonly said: readonly Said[];
  /** Names of the functions that it may call. */
  readonly tools: readonly string[];
  readonly cap: number | undefined;
  readonly isStream: boolean;
  /** Whether earlier thinking of its own came back, in whatever form it signs that. */
  readonly hasOwnThoughts: boolean;
}

/** A fake upstream that runs. */
export interface RunningUpstream {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** What the model does from now on. */
  speak(spoken: Spoken): void;
  /** The last request. */
  heard(): Heard;
  close(): Promise<void>;
}

/** A format that upstreams speak: a row of the matrix. Each file of `dialects/` exports one as `UPSTREAM`. */
export interface DialectUpstream {
  readonly provider: string;
  readonly upstreamModel: string;
  /** False where what a model thought cannot be given back to it. */
  readonly takesThoughts: boolean;
  start(): Promise<RunningUpstream>;
}
