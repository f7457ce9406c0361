import { PieceMerger } from './piece-merger.js';

/** Longest stretch that is tokenised in one go: longer texts are cut there, so that scratch memory stays bounded. */
const STRETCH_CHARS_MAX = 64 * 1024;

/** A token in the rank list: its text, or its bytes where these are not UTF-8 by themselves. Its index is its rank. */
export type RankedToken = string | readonly number[];

/** What is known of a text that goes on: the tokens of its first `length` UTF-16 units, whatever follows. */
export interface SettledCount {
  readonly tokens: number;
  readonly length: number;
}

/** How many UTF-16 units may still be merged. Words of the vocabulary need no merging and cost next to nothing. */
export interface MergeBudget {
  chars: number;
}

/**
 * Counts tokens of one byte-pair encoding exactly. Special tokens are never recognised: what a user writes is text.
 * It takes the published ranks but merges by itself, because the library's merge is quadratic in the length of a run
 * without spaces: 64 KB of one letter would block the event loop for seconds.
 */
export class BpeEncoding {
  private readonly ranks = new Map<string, number>();
  private readonly merger: PieceMerger;

  /**
   * @param tokens the tokens by rank; holes are allowed.
   * @param pieces the split pattern, global and unicode. Each character must be part of some match.
   */
  constructor(
    tokens: readonly (RankedToken | undefined)[],
    private readonly pieces: RegExp,
  ) {
    const byteTokens: [bytes: readonly number[], rank: number][] = [];
    for (let rank = 0; rank < tokens.length; rank++) {
      const token = tokens[rank];
      if (typeof token === 'string') this.ranks.set(token, rank);
      else if (token !== undefined) byteTokens.push([token, rank]);
    }
    this.merger = new PieceMerger(this.ranks, byteTokens);
  }

  /**
   * Tokens of a text. Exact, except that a run of more than 64 Ki characters without any boundary is cut there, which
   * adds at most a token or two a cut.
   */
  count(text: string): number {
    let tokens = 0;
    let start = 0;
    while (text.length - start > STRETCH_CHARS_MAX) {
      const stretch = text.slice(start, start + STRETCH_CHARS_MAX);
      const settled = this.countSettled(stretch);
      tokens += settled.length > 0 ? settled.tokens : this.countStretch(stretch);
      start += settled.length > 0 ? settled.length : stretch.length;
    }
    return tokens + this.countStretch(start === 0 ? text : text.slice(start));
  }

  /**
   * Tokens of a text of at most 64 Ki characters, or undefined once the budget is used up: 64 KB of prose take 5 ms, of
   * random letters 40. Calls that share a budget use it up together.
   */
  countWithin(text: string, budget: MergeBudget): number | undefined {
    const { pieces, merger } = this;
    let tokens = 0;
    let start = 0;
    pieces.lastIndex = 0;
    while (pieces.test(text)) {
      const end = pieces.lastIndex;
      const piece = text.slice(start, end);
      start = end;
      if (this.ranks.has(piece)) tokens++;
      else {
        budget.chars -= piece.length;
        if (budget.chars < 0) return undefined;
        tokens += merger.count(piece);
      }
    }
    return tokens;
  }

  /**
   * Counts as much of a text as no continuation can change: all but its last two pieces. (The last may go on; the one
   * before it may take in an apostrophe and what follows, or be regrouped within trailing white space.)
   */
  countSettled(text: string): SettledCount {
    const { pieces } = this;
    let tokens = 0;
    // There are always two pieces behind `settled`: up to `middle`, and up to `last`.
    let settled = 0;
    let middle = 0;
    let last = 0;
    pieces.lastIndex = 0;
    while (pieces.test(text)) {
      if (middle > settled) tokens += this.countPiece(text.slice(settled, middle));
      settled = middle;
      middle = last;
      last = pieces.lastIndex;
    }
    return { tokens, length: settled };
  }

  private countStretch(text: string): number {
    return this.countWithin(text, { chars: Number.POSITIVE_INFINITY }) as number;
  }

  private countPiece(piece: string): number {
    return this.ranks.has(piece) ? 1 : this.merger.count(piece);
  }
}
