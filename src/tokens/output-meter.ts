import { approximateTokens } from './approximate-tokens.js';
import type { BpeEncoding } from './bpe-encoding.js';
import { encodingNamed } from './encodings.js';
import { familyOf, inFamily, type ModelFamily } from './model-family.js';
import { TokenEstimator } from './token-estimator.js';

/** With more than this pending, what is settled of it is tokenised and forgotten: about a millisecond. */
const PENDING_CHARS_MAX = 8 * 1024;
/** A single piece above this is approximated: no model writes so much in one event. */
const PIECE_CHARS_MAX = 32 * 1024;

/**
 * Counts what a model has written, while it writes. One meter for one text: choices and tool calls that come interleaved
 * have one each. Memory stays flat, and no push takes longer than some milliseconds.
 */
export class OutputMeter {
  private readonly family: ModelFamily;
  private readonly encoding: BpeEncoding;
  private readonly estimator: TokenEstimator;
  private pending = '';
  /** Tokens of all text before `pending`. */
  private settled = 0;
  private highest = 0;

  /** @param model whose tokens are counted. */
  constructor(model: string) {
    this.family = familyOf(model);
    this.encoding = encodingNamed(this.family.encoding);
    this.estimator = new TokenEstimator(this.family.encoding);
  }

  /** Takes the next piece of text. */
  push(text: string): void {
    if (text.length > PIECE_CHARS_MAX) {
      this.settled += this.encoding.count(this.pending) + approximateTokens([text], this.encoding);
      this.pending = '';
      this.estimator.reset();
      return;
    }
    this.pending += text;
    this.estimator.push(text);
    if (this.pending.length > PENDING_CHARS_MAX) this.settle();
  }

  /** An estimate of all tokens so far. It never falls; the exact count is {@link finish}. */
  get tokens(): number {
    const now = inFamily(this.settled + Math.ceil(this.estimator.tokens), this.family);
    if (now > this.highest) this.highest = now;
    return this.highest;
  }

  /**
   * Tokens of everything pushed: exactly what the encoding gives for the whole text, with the factor of the family.
   * More may be pushed afterwards.
   */
  finish(): number {
    return inFamily(this.settled + this.encoding.count(this.pending), this.family);
  }

  private settle(): void {
    const { tokens, length } = this.encoding.countSettled(this.pending);
    this.settled += tokens;
    this.pending = this.pending.slice(length);
    if (this.pending.length > PENDING_CHARS_MAX) {
      // A run without any boundary: cut here, which costs a token at most.
      this.settled += this.encoding.count(this.pending);
      this.pending = '';
    }
    this.estimator.reset();
    this.estimator.push(this.pending);
  }
}
