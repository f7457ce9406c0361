import type { SseEvent } from '../../src/providers/canonical/chat.js';

/** A JSON object of a recording; the suite's own copy, free to be changed. */
export type WireCopy = Record<string, unknown>;

/**
 * What the suite has to know of a wire format that is not OpenAI's in order to ask a provider for the same promises. Recordings in
 * `test/fixtures/<id>` are in that format; what they mean (`expect.json`, `errors.json`) is written in the hub's words either way.
 */
export interface Dialect {
  /** The upstream model of requests, and of recordings that name no other. */
  readonly upstreamModel: string;
  /** False where nothing but the last finish reason tells the end of a stream, so that readers give no `done`. */
  readonly hasDone: boolean;
  /** The caller's bytes go through but for what the hub owns. Otherwise `requests.json` has golden requests. */
  readonly isPassedThrough: boolean;
  /** Finds the first finish reason in the text of a stream. */
  readonly finishPattern: RegExp;
  /** Takes usage out of one event, wherever the format has it. */
  withoutUsage(event: WireCopy): void;
  /** The cap on output tokens in a request body. */
  outputCapOf(body: Readonly<WireCopy>): unknown;
  /** A whole answer of one word that ends for this reason. */
  answerOf(finishReason: string): WireCopy;
  /** The events that end a stream of one choice for this reason, those that must come before them included. */
  eventsOf(finishReason: string): readonly SseEvent[];
  /** Bodies that are no answers in this format, besides those that are none in any. */
  readonly notAnswers: readonly string[];
  /** Options that are honoured although nothing of them is sent, since the vendor never does otherwise. */
  readonly metUnsent: readonly string[];
}

const message = { role: 'assistant', content: 'a' };

/** OpenAI's chat/completions, which most vendors speak. */
export const OPENAI_DIALECT: Dialect = {
  upstreamModel: 'vendor/model-1',
  hasDone: true,
  isPassedThrough: true,
  finishPattern: /"finish_reason"\s*:\s*"[a-z_]+"/,
  withoutUsage(event) {
    delete event['usage'];
    const { x_groq, choices } = event as { x_groq?: WireCopy; choices?: WireCopy[] };
    delete x_groq?.['usage'];
    for (const choice of choices ?? []) delete choice['usage'];
  },
  outputCapOf: ({ max_tokens, max_completion_tokens }) => max_completion_tokens ?? max_tokens,
  answerOf: (finish_reason) => ({ choices: [{ index: 0, message, finish_reason }] }),
  eventsOf: (finish_reason) => [
    { name: '', data: JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason }] }) },
  ],
  notAnswers: ['{"choices":[]}'],
  metUnsent: [],
};
