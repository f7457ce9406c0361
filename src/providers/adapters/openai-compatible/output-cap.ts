import { isReasoning } from '../openai/thinking-models.js';
import type { ChatDialect, OutputCap } from './vendor.js';

const USUAL: OutputCap = { name: 'max_tokens', isOtherNameTaken: true };
const OF_REASONING: OutputCap = { name: 'max_completion_tokens', isOtherNameTaken: true };

/**
 * The one rule for the name of the cap on output tokens: what the vendor's declaration says. Where that says nothing, `max_tokens`, which
 * every server heeds while some take no notice of the newer name and would write past the hold; but the newer one for OpenAI's
 * reasoning models, also behind a vendor's name as in `openai/o3`, since they refuse the older one with 400.
 */
export function outputCapOf({ outputCap: rule }: Pick<ChatDialect, 'outputCap'>, upstreamModel: string): OutputCap {
  if (rule !== undefined) return typeof rule === 'function' ? rule(upstreamModel) : rule;
  return isReasoning(upstreamModel.slice(upstreamModel.lastIndexOf('/') + 1)) ? OF_REASONING : USUAL;
}
