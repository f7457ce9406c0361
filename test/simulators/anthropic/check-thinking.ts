import { invalid } from './anthropic-error.js';
import type { SimulatedModel } from './anthropic-models.js';
import { asChoice, asNumber, asObject, checkKeys, type Wire } from './check-fields.js';

const KINDS = ['enabled', 'disabled', 'adaptive', 'between_tools'] as const;
const BUDGET_TOKENS_MIN = 1_024;

/** Whether a request makes the model think, as far as it decides that. */
export function thinksOn(body: Wire, model: SimulatedModel): boolean {
  if (model.thinking === 'always') return true;
  const { thinking } = body;
  if (thinking === undefined) return model.thinksByDefault;
  return asObject(thinking, 'thinking')['type'] !== 'disabled';
}

/** The rules for `thinking` and for the thoughts of earlier turns. */
export function checkThinking(body: Wire, model: SimulatedModel, turns: readonly Wire[], maxTokens: number): void {
  if (body['thinking'] === undefined) return;
  const thinking = asObject(body['thinking'], 'thinking');
  checkKeys(thinking, 'thinking', ['type', 'budget_tokens', 'display', 'block_binding']);
  const kind = asChoice(thinking['type'], 'thinking.type', KINDS);
  const unsupported = (): Error => invalid(`"thinking.type.${kind}" is not supported for this model.`);
  const takes = {
    enabled: model.thinking === 'budget' || model.thinking === 'both',
    disabled: model.thinking !== 'always',
    adaptive: model.thinking !== 'none' && model.thinking !== 'budget',
    between_tools: model.takesBetweenTools,
  };
  if (!takes[kind]) throw unsupported();
  const effort =
    body['output_config'] === undefined ? undefined : asObject(body['output_config'], 'output_config')['effort'];
  const isMuch = effort === 'xhigh' || effort === 'max';
  if (isMuch && model.thinksByDefault && (kind === 'disabled' || kind === 'between_tools'))
    throw invalid(`"thinking.type.${kind}" is not supported with output_config.effort "${effort}".`);
  if (kind !== 'enabled') return;
  const budget = asNumber(thinking['budget_tokens'], 'thinking.enabled.budget_tokens', BUDGET_TOKENS_MIN, 1_000_000);
  if (budget >= maxTokens) throw invalid('`max_tokens` must be greater than `thinking.budget_tokens`.');
  checkThoughts(turns);
}

/** With a budget, the assistant turn that tool results answer must begin with its thought. */
function checkThoughts(turns: readonly Wire[]): void {
  const last = turns.findLastIndex(({ role }) => role === 'assistant');
  const content = turns[last]?.['content'];
  if (!Array.isArray(content) || !content.some(({ type }) => type === 'tool_use')) return;
  const first: string = content[0]?.type;
  if (first === 'thinking' || first === 'redacted_thinking') return;
  throw invalid(
    `messages.${last}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. ` +
      'When `thinking` is enabled, a final `assistant` message must start with a thinking block.',
  );
}

/** The rules for `temperature`, `top_p` and `top_k`. */
export function checkSampling(body: Wire, model: SimulatedModel): void {
  const { temperature, top_p, top_k } = body;
  if (temperature !== undefined) asNumber(temperature, 'temperature', 0, 1);
  if (top_p !== undefined) asNumber(top_p, 'top_p', 0, 1);
  if (temperature !== undefined && top_p !== undefined && !model.takesTemperatureWithTopP)
    throw invalid('`temperature` and `top_p` cannot both be specified for this model. Please use only one.');
  if (!model.takesSampling) {
    if (temperature !== undefined && temperature !== 1) throw invalid('`temperature` is not supported for this model.');
    if (top_p !== undefined && Number(top_p) < 0.99) throw invalid('`top_p` is not supported for this model.');
    if (top_k !== undefined) throw invalid('`top_k` is not supported for this model.');
  }
  if (!thinksOn(body, model)) return;
  if (temperature !== undefined && temperature !== 1)
    throw invalid('`temperature` may only be set to 1 when thinking is enabled.');
  if (top_k !== undefined) throw invalid('`top_k` must be unset when thinking is enabled.');
  if (top_p !== undefined && Number(top_p) < 0.95)
    throw invalid('`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.');
}
