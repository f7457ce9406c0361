import { hash } from 'node:crypto';
import { missing, wrongType } from '../../../common/body-fields.js';
import { isObject } from '../../../common/is-object.js';
import { type Notes, noteOnlyThere, noteUnread } from './notes.js';
import { textOf } from './read-content.js';

type Wire = Readonly<Record<string, unknown>>;
type Members = Record<string, unknown>;

const TOOL = new Set(['type', 'name', 'description', 'input_schema', 'strict']);
const CHOICE = new Set(['type', 'name', 'disable_parallel_tool_use']);
const OUTPUT = new Set(['effort', 'format']);
const FORMAT = new Set(['type', 'schema']);
const METADATA = new Set(['user_id']);
/** About what each budget means in OpenAI's words; the inverse of what the Anthropic adapter makes of these. */
const BUDGETS: readonly (readonly [tokensMax: number, effort: string])[] = [
  [2_048, 'low'],
  [8_192, 'medium'],
  [Number.POSITIVE_INFINITY, 'high'],
];
const EFFORTS: ReadonlyMap<string, string> = new Map([['max', 'xhigh']]);
/** More characters are refused by vendors that know the field. */
const USER_CHARACTERS_MAX = 64;
const TIERS: ReadonlyMap<unknown, string> = new Map([
  ['auto', 'auto'],
  ['standard_only', 'default'],
]);

/** `tools` and `tool_choice`. Tools of the vendor's own make are for its own models only. @throws HubError 400. */
export function readTools({ tools, tool_choice: choice }: Wire, into: Members, notes: Notes): void {
  if (tools !== undefined && tools !== null) {
    if (!Array.isArray(tools)) throw wrongType('tools', 'an array');
    const read = tools.flatMap((tool: unknown, i) => readTool(tool, `tools[${i}]`, notes));
    if (read.length > 0) into['tools'] = read;
  }
  if (choice === undefined || choice === null) return;
  if (!isObject(choice)) throw wrongType('tool_choice', 'an object with a "type"');
  noteUnread(notes, choice, CHOICE, 'tool_choice.');
  // Without tools there is nothing to choose, and other vendors refuse to be told.
  if (into['tools'] === undefined) return;
  into['tool_choice'] = toChoice(choice);
  if (choice['disable_parallel_tool_use'] === true && choice['type'] !== 'none') into['parallel_tool_calls'] = false;
}

function readTool(tool: unknown, path: string, notes: Notes): readonly Wire[] {
  if (!isObject(tool)) throw wrongType(path, 'an object');
  const { type, name, description, input_schema: schema, strict } = tool;
  if (type !== undefined && type !== null && type !== 'custom') {
    noteOnlyThere(notes, `${path}.type`, type);
    return [];
  }
  noteUnread(notes, tool, TOOL, 'tools[].');
  if (schema === undefined) throw missing(`${path}.input_schema`);
  if (!isObject(schema)) throw wrongType(`${path}.input_schema`, 'a JSON schema');
  const body = {
    name: textOf(name, `${path}.name`),
    ...(typeof description === 'string' && { description }),
    parameters: schema,
    ...(typeof strict === 'boolean' && { strict }),
  };
  return [{ type: 'function', function: body }];
}

function toChoice({ type, name }: Wire): unknown {
  switch (type) {
    case 'auto':
    case 'none':
      return type;
    case 'any':
      return 'required';
    case 'tool':
      return { type: 'function', function: { name: textOf(name, 'tool_choice.name') } };
    default:
      throw wrongType('tool_choice.type', 'one of "auto", "any", "tool", "none"');
  }
}

/** `thinking` and `output_config`: how much to think, and the form of the answer. @throws HubError 400. */
export function readThinking({ thinking, output_config: config }: Wire, into: Members, notes: Notes): void {
  let effort: unknown;
  if (config !== undefined && config !== null) {
    if (!isObject(config)) throw wrongType('output_config', 'an object');
    noteUnread(notes, config, OUTPUT, 'output_config.');
    effort = config['effort'] ?? undefined;
    readFormat(config['format'], into, notes);
  }
  if (effort !== undefined && typeof effort !== 'string') throw wrongType('output_config.effort', 'a string');
  const asked = thinking === undefined || thinking === null ? undefined : effortOf(thinking);
  // How much is said once: by the effort, unless thinking is switched off.
  const told = asked === 'none' ? asked : (effort ?? asked);
  if (told !== undefined) into['reasoning_effort'] = EFFORTS.get(told) ?? told;
}

function effortOf(thinking: unknown): string | undefined {
  if (!isObject(thinking)) throw wrongType('thinking', 'an object with a "type"');
  const { type, budget_tokens: budget } = thinking;
  switch (type) {
    case 'disabled':
      return 'none';
    case 'enabled':
      if (typeof budget !== 'number') throw wrongType('thinking.budget_tokens', 'a number');
      return BUDGETS.find(([tokensMax]) => budget <= tokensMax)?.[1];
    // As much as the model sees fit, which is what others do unasked.
    case 'adaptive':
    case 'between_tools':
      return undefined;
    default:
      throw wrongType('thinking.type', 'one of "enabled", "disabled", "adaptive", "between_tools"');
  }
}

function readFormat(format: unknown, into: Members, notes: Notes): void {
  if (format === undefined || format === null) return;
  if (!isObject(format) || format['type'] !== 'json_schema')
    throw wrongType('output_config.format', 'an object with the type "json_schema"');
  noteUnread(notes, format, FORMAT, 'output_config.format.');
  const { schema } = format;
  if (!isObject(schema)) throw wrongType('output_config.format.schema', 'a JSON schema');
  into['response_format'] = { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } };
}

/** Sampling, stops, tier and whom it is for. @throws HubError 400. */
export function readPlain(body: Wire, into: Members, notes: Notes): void {
  for (const name of ['temperature', 'top_p', 'top_k']) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number') throw wrongType(name, 'a number');
    into[name] = value;
  }
  const { stop_sequences: stops, service_tier: tier } = body;
  if (stops !== undefined && stops !== null) {
    if (!Array.isArray(stops) || stops.some((stop) => typeof stop !== 'string'))
      throw wrongType('stop_sequences', 'an array of strings');
    if (stops.length > 0) into['stop'] = stops;
  }
  if (tier !== undefined && tier !== null) {
    const told = TIERS.get(tier);
    if (told === undefined) throw wrongType('service_tier', '"auto" or "standard_only"');
    into['service_tier'] = told;
  }
  readUser(body['metadata'], into, notes);
}

/** Other vendors take only short names, so that a long one is told by its digest. */
function readUser(metadata: unknown, into: Members, notes: Notes): void {
  if (metadata === undefined || metadata === null) return;
  if (!isObject(metadata)) throw wrongType('metadata', 'an object');
  noteUnread(notes, metadata, METADATA, 'metadata.');
  const { user_id: id } = metadata;
  if (id === undefined || id === null || id === '') return;
  if (typeof id !== 'string') throw wrongType('metadata.user_id', 'a string');
  into['user_identifier'] = id;
  into['user'] = id.length <= USER_CHARACTERS_MAX ? id : hash('sha256', id);
}
