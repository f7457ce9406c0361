import type { Call } from './dialect-upstream.js';

export type Wire = Record<string, unknown>;

/** What a caller asks, in words that belong to no format. */
export interface Asked {
  readonly model: string;
  readonly system?: string;
  readonly text: string;
  /** A data URI, after the text. */
  readonly picture?: string;
  /** Names of functions. */
  readonly tools?: readonly string[];
  /** Left out: as much as it likes, where the format has that. */
  readonly cap?: number | undefined;
  /** The model is to think a little. */
  readonly thinks?: boolean;
  readonly isStream: boolean;
}

/** An answer as its caller understands it. */
export interface Answer {
  readonly text: string;
  readonly thought: string;
  readonly calls: readonly Call[];
  readonly finish: 'stop' | 'length' | 'tool_calls' | 'failed' | undefined;
  readonly usage: { readonly input: number; readonly output: number } | undefined;
  /** The code or type of the error that ended it. */
  readonly error?: string | undefined;
  /** As a client sends it back. */
  readonly raw: unknown;
}

/** A format that callers speak: the other side of the matrix. */
export interface InboundFormat {
  readonly name: string;
  readonly path: string;
  begin(asked: Asked): Wire;
  /** The next request: what was answered, the results of its calls, and another question where there is one. */
  goOn(body: Wire, answer: Answer, results: readonly string[], question?: string): Wire;
  readWhole(body: Wire): Answer;
  /** @param events `data` of each event, parsed; what is no JSON is left out. */
  readStream(events: readonly Wire[]): Answer;
}

export const PARAMETERS = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
