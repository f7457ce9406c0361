import { type BillableUsage, NO_USAGE } from '../pricing/billable-usage.js';
import type { Usage } from '../providers/canonical/usage.js';

/** What the hub itself knows of a request, for whatever the upstream did not say. */
export interface OwnCount {
  /** Undefined where a prompt has no tokens to pay for. */
  readonly inputTokens: number | undefined;
  /** Asked only when it is needed: counting takes time. Undefined where an answer has no tokens to pay for. */
  readonly outputTokens: (() => number) | undefined;
  /** Pictures were asked for, or are what the model is paid by; what any other request reports of them is nobody's bill. */
  readonly hasImages?: boolean;
  readonly imageSize?: string;
  readonly imageQuality?: string;
  /** Length of the sound, in milliseconds, asked only when it is needed; undefined where none was to be listened to. */
  readonly audioMs?: () => number;
  /** It has a price, so that guessing it is guessing the cost. */
  readonly isAudioPaid?: boolean;
  /** Of the text to be spoken: the hub knows them exactly, and no upstream reports them. */
  readonly characters?: number;
  /** Undefined where nothing was to be searched. */
  readonly searches?: number;
  /** They have a price. */
  readonly isSearchPaid?: boolean;
  /** A chat whose model is paid by searches as well: what its upstream says to have searched for it is billed. */
  readonly maySearch?: boolean;
}

/** What is billed. */
export interface CountedUsage {
  readonly usage: BillableUsage;
  /** A count that decides the cost is the hub's own. */
  readonly isEstimated: boolean;
}

/** Joins the upstream's word with the hub's own count: reported counts win, missing ones are estimated. */
export function countUsage(reported: Usage | undefined, own: OwnCount): CountedUsage {
  const inputTokens = reported?.inputTokens ?? own.inputTokens ?? 0;
  const outputTokens = reported?.outputTokens ?? own.outputTokens?.() ?? 0;
  return {
    usage: {
      ...NO_USAGE,
      inputTokens,
      outputTokens,
      cachedInputTokens: reported?.cachedInputTokens ?? 0,
      cacheWriteTokens: reported?.cacheWriteTokens ?? 0,
      reasoningTokens: reported?.reasoningTokens ?? 0,
      images: own.hasImages === true ? (reported?.images ?? 0) : 0,
      imageSize: own.imageSize,
      imageQuality: own.imageQuality,
      audioMs: own.audioMs === undefined ? 0 : (reported?.audioMs ?? own.audioMs()),
      characters: own.characters ?? 0,
      searches: own.maySearch === true || own.searches !== undefined ? (reported?.searches ?? own.searches ?? 0) : 0,
    },
    isEstimated:
      (own.isAudioPaid === true && reported?.audioMs === undefined) ||
      (own.isSearchPaid === true && reported?.searches === undefined) ||
      (own.inputTokens !== undefined && reported?.inputTokens === undefined) ||
      (own.outputTokens !== undefined && reported?.outputTokens === undefined),
  };
}
