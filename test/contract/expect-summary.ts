import { type Expected, listOf } from './fixtures-of.js';
import type { Summary } from './summary.js';

/** Compares what was read with what the recording means; an expectation that is left out is not compared. */
export function expectSummary(summary: Summary, expected: Expected): void {
  if (expected.text !== undefined) expect(listOf(expected.text)).toContainEqual(summary.text);
  if (expected.reasoning !== undefined) expect(listOf(expected.reasoning)).toContainEqual(summary.reasoning);
  if (expected.finishReason !== undefined) expect(listOf(expected.finishReason)).toContainEqual(summary.finishReason);
  if (expected.usage !== undefined) expect(summary.usage).toEqual(expected.usage);
  if (expected.toolCalls !== undefined) expect(summary.toolCalls).toEqual(expected.toolCalls);
}
