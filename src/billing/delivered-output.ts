import { OutputMeter } from '../tokens/output-meter.js';

/** Counts the tokens of what the caller gets: each choice by itself, since they come interleaved. */
export class DeliveredOutput {
  /** One for each choice, made with its first text. */
  private readonly meters = new Map<number, OutputMeter>();

  /** @param choiceCount how many were asked for. */
  constructor(private readonly choiceCount: number) {}

  /**
   * Takes text on its way to the caller.
   * @param choice whose text it is, counted from 0.
   * @param model whose tokens are counted.
   */
  push(text: string, choice: number, model: string): void {
    // What an upstream numbers beyond what was asked for counts with the first.
    const place = choice < this.choiceCount ? choice : 0;
    let meter = this.meters.get(place);
    if (meter === undefined) {
      meter = new OutputMeter(model);
      this.meters.set(place, meter);
    }
    meter.push(text);
  }

  /** A cheap estimate of all tokens so far, which never falls. */
  get tokens(): number {
    let tokens = 0;
    for (const meter of this.meters.values()) tokens += meter.tokens;
    return tokens;
  }

  /** Exactly what all text until now has; takes time. */
  exactTokens(): number {
    let tokens = 0;
    for (const meter of this.meters.values()) tokens += meter.finish();
    return tokens;
  }
}
