import type { RelayOperation, RelayReport } from '../observers/relay-report.js';
import { faultOfOutcome } from '../routing/attempt-record.js';
import type { RelayOrder } from './relay-order.js';
import type { RelayEnd, RelayRun } from './relay-run.js';

const OPERATIONS: ReadonlyMap<string, RelayOperation> = new Map([
  ['chat/completions', 'chat'],
  ['messages', 'chat'],
  ['responses', 'chat'],
  ['embeddings', 'embeddings'],
  ['completions', 'completions'],
  ['moderations', 'moderations'],
  ['audio/transcriptions', 'transcriptions'],
  ['audio/translations', 'transcriptions'],
  ['audio/speech', 'speech'],
  ['rerank', 'rerank'],
]);

/** What observers are told of a run that has ended. */
export function toRelayReport(run: RelayRun, order: RelayOrder, end: RelayEnd): RelayReport {
  const { log, receivedAt } = run.context;
  return {
    operation: OPERATIONS.get(order.endpoint) ?? 'images',
    isStream: order.kind === 'stream',
    model: order.choice.model.id,
    outcome: end.outcome,
    // What failed without an upstream's failure is a defect of the hub.
    fault: end.outcome === 'done' ? undefined : faultOfOutcome(end.errorCode ?? 'hub_error'),
    durationMs: performance.now() - receivedAt,
    firstTokenMs: log.firstTokenMs,
    inputTokens: run.usage?.inputTokens,
    outputTokens: run.usage?.outputTokens,
    attempts: run.attempts,
  };
}
