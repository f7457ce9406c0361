import type { BillableUsage } from '../pricing/billable-usage.js';
import type { OriginalFormat } from '../providers/canonical/chat.js';
import type { ProviderError } from '../providers/canonical/provider-error.js';
import type { OperationName } from './able-candidates.js';

/** What of a request decides where it can go. Worked out once; nothing of its content is in it. */
export interface RequestFacts {
  readonly operation: OperationName;
  /** A stream was asked for. */
  readonly isStream: boolean;
  /** The prompt as the hub counts or guesses it, in tokens; undefined where nobody has counted yet. */
  readonly promptTokens?: number;
  /** What the caller allows for the answer. */
  readonly outputTokensCap?: number;
  readonly needsTools: boolean;
  readonly needsVision: boolean;
  readonly needsAudioInput: boolean;
  readonly needsFileInput: boolean;
  readonly needsJsonSchema: boolean;
  readonly needsReasoning: boolean;
  readonly choiceCount: number;
  /** It says what only one format has words for; of whom that format is not spoken refuses it in these words. */
  readonly onlyFormat?: { readonly name: OriginalFormat; readonly refusal: ProviderError };
  /** Of a picture, such as `1024x1024`. */
  readonly imageSize?: string;
  /** What it will consume for certain, besides tokens and pictures: sound, characters, searches. */
  readonly given?: Partial<Pick<BillableUsage, 'audioMs' | 'characters' | 'searches'>>;
  /**
   * What requests with the same prompt prefix have in common: `prompt_cache_key`, a session header, or `user`, made unique to the
   * account. Undefined where there is nothing to stick by.
   */
  readonly stickyKey?: string;
}

/** A request that needs nothing in particular, or of which nothing more is known. */
export const NO_NEEDS = {
  needsTools: false,
  needsVision: false,
  needsAudioInput: false,
  needsFileInput: false,
  needsJsonSchema: false,
  needsReasoning: false,
  choiceCount: 1,
} as const satisfies Partial<RequestFacts>;
