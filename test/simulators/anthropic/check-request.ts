import { AnthropicError, invalid } from './anthropic-error.js';
import { findModel, type SimulatedModel } from './anthropic-models.js';
import { checkText, checkTurn } from './check-blocks.js';
import { asChoice, asList, asNumber, asObject, asText, checkKeys, type Wire } from './check-fields.js';
import { checkSampling, checkThinking } from './check-thinking.js';
import { checkToolChoice, checkToolOrder, checkTools } from './check-tools.js';
import { prefixOf } from './signature.js';

const KEYS = [
  'model',
  'messages',
  'max_tokens',
  'system',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'stream',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'metadata',
  'service_tier',
];
const CACHE_BREAKPOINTS_MAX = 4;
const CHARACTERS_PER_TOKEN = 4;

/** A request that keeps every rule the real API checks, as far as they are known. */
export interface CheckedRequest {
  readonly model: SimulatedModel;
  readonly turns: readonly Wire[];
  readonly isStream: boolean;
  /** A rough count, as the answer will report it. */
  readonly inputTokens: number;
  readonly body: Wire;
}

/** Checks a request as strictly as the real API. @param beta the header of that name. @throws AnthropicError in its words. */
export function checkRequest(value: unknown, beta = ''): CheckedRequest {
  const body = asObject(value, 'body');
  const name = asText(body['model'], 'model');
  const model = findModel(name);
  if (model === undefined) throw new AnthropicError(404, `model: ${name}`);
  checkKeys(body, '', KEYS);
  if (body['max_tokens'] === undefined) throw invalid('max_tokens: Field required');
  const maxTokens = asNumber(body['max_tokens'], 'max_tokens', 1, Number.MAX_SAFE_INTEGER);
  if (maxTokens > model.outputTokensMax) {
    const { outputTokensMax } = model;
    throw invalid(
      `max_tokens: ${maxTokens} > ${outputTokensMax}, which is the maximum allowed number of output tokens for ${name}`,
    );
  }
  const turns = checkMessages(body, model, dropsUnbound(body['thinking'], beta));
  checkSystem(body['system']);
  checkTools(body['tools']);
  checkSampling(body, model);
  checkThinking(body, model, turns, maxTokens);
  checkToolChoice(body, model);
  checkToolOrder(turns);
  checkPrefill(body, model, turns);
  checkRest(body, model);
  const inputTokens = Math.ceil(JSON.stringify([body['system'], turns, body['tools']]).length / CHARACTERS_PER_TOKEN);
  if (inputTokens > model.contextTokens)
    throw invalid(`prompt is too long: ${inputTokens} tokens > ${model.contextTokens} maximum`);
  return { model, turns, isStream: body['stream'] === true, inputTokens, body };
}

/** Whether thoughts of another conversation are to be dropped; a wish that needs a beta. */
function dropsUnbound(thinking: unknown, beta: string): boolean {
  const binding = (thinking as Wire | undefined)?.['block_binding'];
  if (binding === undefined) return false;
  if (!beta.split(',').includes('thinking-binding-controls-2026-08-01'))
    throw invalid('thinking.block_binding: requires the `thinking-binding-controls-2026-08-01` beta');
  return asObject(binding, 'thinking.block_binding')['prefix_mismatch_behavior'] === 'drop_block';
}

function checkMessages(body: Wire, model: SimulatedModel, dropsUnbound: boolean): readonly Wire[] {
  if (body['messages'] === undefined) throw invalid('messages: Field required');
  const turns = asList(body['messages'], 'messages').map((turn, i) => asObject(turn, `messages.${i}`));
  if (turns.length === 0) throw invalid('messages: at least one message is required');
  for (const [i, turn] of turns.entries()) {
    const prefix = prefixOf(body, turns.slice(0, i));
    checkTurn(turn, `messages.${i}`, { model, prefix, dropsUnbound }, i === turns.length - 1);
  }
  return turns;
}

function checkSystem(system: unknown): void {
  if (system === undefined || typeof system === 'string') return;
  for (const [i, block] of asList(system, 'system').entries()) {
    const text = asObject(block, `system.${i}`);
    asChoice(text['type'], `system.${i}.type`, ['text']);
    checkText(text, `system.${i}`);
  }
}

function checkPrefill(body: Wire, model: SimulatedModel, turns: readonly Wire[]): void {
  const last = turns.at(-1);
  if (last?.['role'] !== 'assistant') return;
  if (!model.takesPrefill)
    throw invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  const thinking = body['thinking'];
  if (typeof thinking === 'object' && thinking !== null && 'budget_tokens' in thinking)
    throw invalid('messages: prefill is not supported when thinking is enabled');
  if (body['output_config'] !== undefined && 'format' in asObject(body['output_config'], 'output_config'))
    throw invalid('output_config.format: not compatible with assistant message prefill');
  const { content } = last;
  const text: unknown = Array.isArray(content) ? content.at(-1)?.text : content;
  if (typeof text === 'string' && text !== text.trimEnd())
    throw invalid('messages: final assistant content cannot end with trailing whitespace');
}

function checkRest(body: Wire, model: SimulatedModel): void {
  for (const [i, stop] of asList(body['stop_sequences'] ?? [], 'stop_sequences').entries()) {
    if (asText(stop, `stop_sequences.${i}`).trim() === '')
      throw invalid('stop_sequences: each stop sequence must contain non-whitespace');
  }
  if (body['metadata'] !== undefined) checkKeys(asObject(body['metadata'], 'metadata'), 'metadata', ['user_id']);
  if (body['service_tier'] !== undefined) asChoice(body['service_tier'], 'service_tier', ['auto', 'standard_only']);
  if (body['output_config'] !== undefined) checkOutput(asObject(body['output_config'], 'output_config'), model);
  const breakpoints = JSON.stringify(body).match(/"cache_control":\{"type":"ephemeral"/g)?.length ?? 0;
  if (breakpoints > CACHE_BREAKPOINTS_MAX)
    throw invalid(
      `A maximum of ${CACHE_BREAKPOINTS_MAX} blocks with cache_control may be provided. Found ${breakpoints}.`,
    );
}

function checkOutput(output: Wire, model: SimulatedModel): void {
  checkKeys(output, 'output_config', ['effort', 'format']);
  if (output['effort'] !== undefined) {
    if (!model.takesEffort) throw invalid('output_config.effort: This model does not support the effort parameter.');
    asChoice(output['effort'], 'output_config.effort', ['low', 'medium', 'high', 'xhigh', 'max']);
  }
  if (output['format'] === undefined) return;
  if (!model.takesFormat) throw invalid('output_config.format: This model does not support structured outputs.');
  const format = asObject(output['format'], 'output_config.format');
  checkKeys(format, 'output_config.format', ['type', 'schema']);
  asChoice(format['type'], 'output_config.format.type', ['json_schema']);
  checkClosed(asObject(format['schema'], 'output_config.format.schema'), 'output_config.format.schema');
}

/** Every object of a schema must rule out members it does not name. */
function checkClosed(schema: unknown, path: string): void {
  if (typeof schema !== 'object' || schema === null) return;
  const node = schema as Wire;
  if (node['type'] === 'object' && node['additionalProperties'] !== false)
    throw invalid(`${path}: For 'object' type, 'additionalProperties' must be explicitly set to false`);
  for (const [name, member] of Object.entries(node)) checkClosed(member, `${path}.${name}`);
}
