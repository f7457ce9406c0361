import type { ChatAnswer } from '../../providers/canonical/chat.js';
import { OutputMeter } from '../../tokens/output-meter.js';
import { textOfCompletion } from '../chat-text.js';
import type { RelayRun } from '../relay-run.js';
import type { AnswerFacts } from './chat-format.js';

/** What the hub knows of an answer that is streamed: its bill counts what is delivered. */
export function streamFacts({ context, bill }: RelayRun): AnswerFacts {
  return {
    requestId: context.requestId,
    promptTokens: bill.promptTokens,
    outputTokens: () => bill.exactTokens(),
  };
}

/** What the hub knows of a whole answer. */
export function wholeFacts({ context, bill, servingModel = '' }: RelayRun, { completion }: ChatAnswer): AnswerFacts {
  return {
    requestId: context.requestId,
    promptTokens: bill.promptTokens,
    outputTokens: () => {
      const meter = new OutputMeter(servingModel);
      meter.push(textOfCompletion(completion));
      return meter.finish();
    },
  };
}
