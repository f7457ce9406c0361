import type { SseEvent } from '../../../src/providers/canonical/chat.js';
import type { Dialect, WireCopy } from '../dialect.js';

const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };

const answer = (finishReason: string): WireCopy => ({
  candidates: [{ content: { parts: [{ text: 'a' }], role: 'model' }, finishReason, index: 0 }],
  usageMetadata,
  modelVersion: 'gemini-3.8-flash',
});

const event = (value: WireCopy): SseEvent => ({ name: '', data: JSON.stringify(value) });

/** Google's generateContent: https://ai.google.dev/api/generate-content. */
export const DIALECT: Dialect = {
  upstreamModel: 'gemini-3.8-flash',
  hasDone: false,
  isPassedThrough: false,
  finishPattern: /"finishReason"\s*:\s*"[A-Z_]+"/,
  withoutUsage(event) {
    delete event['usageMetadata'];
  },
  outputCapOf: ({ generationConfig }) => (generationConfig as WireCopy | undefined)?.['maxOutputTokens'],
  answerOf: answer,
  eventsOf: (finishReason) => [event(answer(finishReason))],
  notAnswers: ['{"candidates":[]}', '{"candidates":[1]}', '{"usageMetadata":{"promptTokenCount":1}}', '{"choices":[]}'],
  metUnsent: [],
};
