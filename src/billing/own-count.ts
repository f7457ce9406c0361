import type { BillableUsage } from '../pricing/billable-usage.js';
import type { Price } from '../pricing/price.js';
import { tokenRatesOf } from '../pricing/token-rates-of.js';
import type { OwnCount } from './count-usage.js';
import { imageOutputTokens } from './image-output-tokens.js';
import type { OutputBound } from './order.js';
import { heardTokens, leastMs, spokenTokens } from './sound-tokens.js';

/** What has come of a request. */
export interface Come {
  /** Something of the answer reached the caller. */
  readonly isDelivered: boolean;
  /** Counts the output tokens of all text; takes time. */
  readonly textTokens: () => number;
  /** Pictures that were reported. */
  readonly images: number;
}

/**
 * What the hub knows of a request by itself, should the upstream not say it. Tokens of what is usually paid otherwise matter only where
 * they have a price.
 * @param promptTokens of the request's text.
 * @param price undefined where there is none.
 */
export function ownCount(output: OutputBound, promptTokens: number, price: Price | undefined, come: Come): OwnCount {
  const isInputPaid = price !== undefined && hasRate(price, 'input');
  const isAudioPaid = price !== undefined && price.perAudioSecond > 0n;
  const isOutputPaid = price !== undefined && hasRate(price, 'output');
  switch (output.kind) {
    case 'none':
      return { inputTokens: promptTokens, outputTokens: undefined };
    case 'tokens':
      return {
        inputTokens: promptTokens,
        outputTokens: come.textTokens,
        // Pictures in a conversation cost something only where the model is priced by them.
        hasImages: price !== undefined && price.images.length > 0,
        maySearch: price !== undefined && price.perSearch > 0n,
      };
    case 'images': {
      const { size, quality } = output;
      return {
        inputTokens: isInputPaid ? promptTokens : undefined,
        outputTokens: isOutputPaid ? () => come.images * imageOutputTokens(size, quality) : undefined,
        hasImages: true,
        imageSize: size,
        imageQuality: quality,
      };
    }
    case 'sound':
      return {
        inputTokens: isInputPaid ? promptTokens + heardTokens(output.ms) : undefined,
        outputTokens: isOutputPaid ? come.textTokens : undefined,
        // What was said takes its time, whatever the file says of itself.
        audioMs: () => Math.max(output.ms, isAudioPaid ? leastMs(come.textTokens()) : 0),
        isAudioPaid,
      };
    case 'speech':
      return {
        inputTokens: isInputPaid ? promptTokens : undefined,
        // Of sound that broke off nobody knows how much of it came.
        outputTokens: isOutputPaid
          ? () => (come.isDelivered ? spokenTokens(promptTokens, output.speedPercent) : 0)
          : undefined,
        characters: output.characters,
      };
    case 'searches':
      return {
        inputTokens: isInputPaid ? promptTokens : undefined,
        outputTokens: undefined,
        searches: output.count,
        isSearchPaid: price !== undefined && price.perSearch > 0n,
      };
  }
}

/** What a request consumes however long its answer becomes, besides its prompt. */
export function givenUsage(output: OutputBound, promptTokens: number): Partial<BillableUsage> {
  if (output.kind === 'sound') return { audioMs: output.ms, inputTokens: promptTokens + heardTokens(output.ms) };
  if (output.kind === 'speech') return { characters: output.characters };
  return output.kind === 'searches' ? { searches: output.count } : {};
}

function hasRate(price: Price, name: 'input' | 'output'): boolean {
  return tokenRatesOf(price).some((rates) => rates[name] > 0n);
}
