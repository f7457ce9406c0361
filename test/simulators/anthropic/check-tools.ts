import { invalid } from './anthropic-error.js';
import type { SimulatedModel } from './anthropic-models.js';
import { checkPattern } from './check-blocks.js';
import { asChoice, asList, asObject, asText, checkKeys, type Wire } from './check-fields.js';
import { thinksOn } from './check-thinking.js';

/** The rules for `tools`. */
export function checkTools(value: unknown): void {
  const names = new Set<string>();
  for (const [i, item] of asList(value ?? [], 'tools').entries()) {
    const tool = asObject(item, `tools.${i}`);
    checkKeys(tool, `tools.${i}`, ['type', 'name', 'description', 'input_schema', 'strict', 'cache_control']);
    checkPattern(tool['name'], `tools.${i}.name`, /^[a-zA-Z0-9_-]{1,128}$/);
    const name = asText(tool['name'], `tools.${i}.name`);
    if (names.has(name)) throw invalid('tools: Tool names must be unique.');
    names.add(name);
    if (tool['description'] !== undefined) asText(tool['description'], `tools.${i}.description`);
    const schema = asObject(tool['input_schema'], `tools.${i}.input_schema`);
    if (schema['type'] !== 'object') throw invalid(`tools.${i}.input_schema.type: Field required`);
  }
}

/** The rules for `tool_choice`. */
export function checkToolChoice(body: Wire, model: SimulatedModel): void {
  if (body['tool_choice'] === undefined) return;
  const choice = asObject(body['tool_choice'], 'tool_choice');
  const kind = asChoice(choice['type'], 'tool_choice.type', ['auto', 'any', 'tool', 'none']);
  checkKeys(choice, 'tool_choice', kind === 'none' ? ['type'] : ['type', 'name', 'disable_parallel_tool_use']);
  const tools = asList(body['tools'] ?? [], 'tools').map((tool) => asObject(tool, 'tools')['name']);
  if (tools.length === 0) throw invalid('tool_choice: tool_choice may only be specified while providing tools');
  if (kind === 'tool' && !tools.includes(choice['name']))
    throw invalid(`Tool '${String(choice['name'])}' not found in provided tools`);
  if (kind !== 'any' && kind !== 'tool') return;
  if (!model.takesForcedTools) throw invalid(`tool_choice.type: '${kind}' is not supported for this model.`);
  if (thinksOn(body, model)) throw invalid('Thinking may not be enabled when tool_choice forces tool use.');
}

/** All results of one assistant turn stand in the very next message, ahead of anything else in it. */
export function checkToolOrder(turns: readonly Wire[]): void {
  let open: readonly string[] = [];
  for (const [i, { role, content }] of turns.entries()) {
    const blocks = Array.isArray(content) ? content : [];
    if (role === 'user') checkResults(blocks, open, i);
    else if (open.length > 0) throw missing(i, open);
    open = role === 'assistant' ? blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id) : [];
  }
  if (open.length > 0) throw missing(turns.length - 1, open);
}

function checkResults(blocks: readonly { type: string; tool_use_id?: string }[], open: readonly string[], at: number) {
  const results = blocks.filter(({ type }) => type === 'tool_result').map(({ tool_use_id }) => String(tool_use_id));
  const unknown = results.find((id) => !open.includes(id));
  if (unknown !== undefined)
    throw invalid(`messages.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unknown}.`);
  if (new Set(results).size !== results.length)
    throw invalid(`messages.${at}: each tool_use must have a single result.`);
  const left = open.filter((id) => !results.includes(id));
  const lead = blocks.slice(0, results.length);
  if (left.length > 0 || lead.some(({ type }) => type !== 'tool_result')) throw missing(at - 1, open);
}

function missing(at: number, ids: readonly string[]): Error {
  return invalid(
    `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(', ')}. ` +
      'Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
  );
}
