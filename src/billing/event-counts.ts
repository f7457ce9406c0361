import type { BillableUsage } from '../pricing/billable-usage.js';
import type { Usage } from '../providers/canonical/usage.js';
import type { UsageEvent } from '../quota/core/usage-event.js';
import type { OwnCount } from './count-usage.js';
import type { OutputBound } from './order.js';

/** Of a usage event, what was consumed and may be paid by. */
export type EventCounts = Pick<
  UsageEvent,
  'inputTokens' | 'outputTokens' | 'images' | 'audioMs' | 'characters' | 'searches'
>;

/** What is written down of a request, so that its bill can be reckoned again. What nobody has counted is left out. */
export function eventCounts(
  output: OutputBound,
  usage: BillableUsage,
  reported: Usage | undefined,
  own: OwnCount,
): EventCounts {
  const isCounted = output.kind === 'tokens' || output.kind === 'images' || output.kind === 'none';
  const hasInput = isCounted || reported?.inputTokens !== undefined || own.inputTokens !== undefined;
  const hasOutput = isCounted || reported?.outputTokens !== undefined || own.outputTokens !== undefined;
  return {
    inputTokens: hasInput ? usage.inputTokens : undefined,
    outputTokens: hasOutput ? usage.outputTokens : undefined,
    images: output.kind === 'images' || usage.images > 0 ? usage.images : undefined,
    audioMs: output.kind === 'sound' ? usage.audioMs : undefined,
    characters: output.kind === 'speech' ? usage.characters : undefined,
    searches: output.kind === 'searches' || usage.searches > 0 ? usage.searches : undefined,
  };
}
