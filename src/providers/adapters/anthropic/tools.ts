import { isObject } from '../../../common/is-object.js';
import type { ChatRequest } from '../../canonical/chat.js';
import type { Notes } from './content-blocks.js';
import { type ModelRules, rulesOf } from './model-rules.js';
import { malformed, unsupported } from './refusals.js';

type Wire = Readonly<Record<string, unknown>>;

/** What a request says about tools, as JSON texts. */
export interface ToolPlan {
  readonly tools: readonly string[];
  readonly choice: string | undefined;
  /** The model is made to call a tool. */
  readonly isForced: boolean;
}

const NO_PARAMETERS = '{"type":"object","properties":{}}';
const JSON_TOOL_NAME = 'answer';

/** @throws ProviderError that names the tool or choice that has no counterpart. */
export function planTools(request: ChatRequest, model: string, rules: ModelRules, notes: Notes): ToolPlan {
  const body = request.source.value;
  const { tools, wanted } = readTools(body);
  const texts = tools.map(({ body: tool, path, holder }) => toTool(tool, holder, path, rules, notes));
  const jsonTool = jsonToolOf(request, model);
  const isParallel = body['parallel_tool_calls'] !== false;
  if (jsonTool !== undefined) {
    const schema = jsonTool.schema === undefined ? NO_PARAMETERS : JSON.stringify(asObjectSchema(jsonTool.schema));
    texts.push(
      `{"name":${JSON.stringify(jsonTool.name)},"description":"Gives the answer to the user.","input_schema":${schema}}`,
    );
    // With other tools it calls one of them or answers; without, it answers.
    const isOnly = tools.length === 0 || wanted?.type === 'none';
    const choice = isOnly ? { type: 'tool', name: jsonTool.name } : wanted?.type === 'tool' ? wanted : { type: 'any' };
    return { tools: texts, choice: choiceText(choice, isParallel), isForced: true };
  }
  if (texts.length === 0) {
    if (!isParallel) notes.dropped.add('parallel_tool_calls');
    if (wanted?.type === 'any' || wanted?.type === 'tool')
      throw malformed('tool_choice', '"tool_choice" asks for a tool, but there are no "tools".');
    return { tools: texts, choice: undefined, isForced: false };
  }
  const isForced = wanted?.type === 'any' || wanted?.type === 'tool';
  if (isForced && !rules.canForceTools)
    throw unsupported('tool_choice', 'This model cannot be made to call a tool; only "auto" and "none" are possible.');
  if (wanted === undefined && isParallel) return { tools: texts, choice: undefined, isForced };
  return { tools: texts, choice: choiceText(wanted ?? { type: 'auto' }, isParallel), isForced };
}

/** The tools of a request, those that its choice leaves out excluded, and that choice. @throws ProviderError as {@link planTools}. */
export function readTools(body: Wire): { readonly tools: readonly NamedTool[]; readonly wanted: Choice | undefined } {
  const allowed = allowedTools(body['tool_choice']);
  const tools = toolsOf(body).filter(({ name }) => allowed === undefined || allowed.names.has(name));
  return { tools, wanted: toChoice(allowed?.mode ?? body['tool_choice'] ?? legacyChoice(body['function_call'])) };
}

/** The tool that stands for a schema, and the schema. */
export interface JsonTool {
  readonly name: string;
  readonly schema: unknown;
}

/** The tool by which models without `output_config.format` are made to answer in a schema; undefined where there is none. */
export function jsonToolOf(request: ChatRequest, model: string): JsonTool | undefined {
  const body = request.source.value;
  const format = body['response_format'];
  if (!isObject(format) || format['type'] !== 'json_schema' || rulesOf(model).hasFormat) return undefined;
  const { name, schema } = isObject(format['json_schema']) ? format['json_schema'] : {};
  const own = typeof name === 'string' && /^[\w-]{1,64}$/.test(name) ? name : JSON_TOOL_NAME;
  const taken = new Set(toolsOf(body).map((tool) => tool.name));
  let free = own;
  while (taken.has(free)) free = `${free}_`;
  return { name: free, schema };
}

/** A tool of the caller. */
export interface NamedTool {
  readonly name: string;
  readonly body: Wire;
  /** Where a client may have put `cache_control`. */
  readonly holder: Wire;
  readonly path: string;
}

function toolsOf({ tools, functions }: Wire): NamedTool[] {
  const found: NamedTool[] = [];
  const add = (holder: unknown, body: unknown, path: string): void => {
    if (!isObject(holder)) throw malformed(path, `"${path}" must be an object.`);
    if (!isObject(body)) throw unsupported(`${path}.type`, 'This model takes only tools of the type "function".');
    const { name } = body;
    if (typeof name !== 'string' || name === '') throw malformed(`${path}.function.name`, `"${path}" needs a name.`);
    found.push({ name, body, holder, path });
  };
  if (Array.isArray(tools)) {
    for (const [i, tool] of tools.entries()) add(tool, isObject(tool) ? tool['function'] : undefined, `tools[${i}]`);
  } else if (Array.isArray(functions)) {
    for (const [i, tool] of functions.entries()) add(tool, tool, `functions[${i}]`);
  }
  return found;
}

function toTool(tool: Wire, holder: Wire, path: string, rules: ModelRules, notes: Notes): string {
  const { name, description, parameters, strict } = tool;
  if (parameters !== undefined && parameters !== null && !isObject(parameters))
    throw malformed(`${path}.function.parameters`, `The parameters of "${path}" must be a JSON schema.`);
  const isStrict = strict === true && rules.hasFormat;
  if (strict === true && !isStrict) notes.dropped.add('tools[].function.strict');
  const schema = isObject(parameters) ? asObjectSchema(parameters) : undefined;
  let text = `{"name":${JSON.stringify(name)}`;
  if (typeof description === 'string' && description !== '') text += `,"description":${JSON.stringify(description)}`;
  text += `,"input_schema":${schema === undefined ? NO_PARAMETERS : JSON.stringify(isStrict ? toClosedSchema(schema) : schema)}`;
  if (isStrict) text += ',"strict":true';
  return notes.cache.apply(`${text}}`, isObject(holder['cache_control']) ? holder : tool);
}

/** The vendor wants `type: object`, which others take as said. */
export function asObjectSchema(schema: unknown): Wire {
  if (!isObject(schema)) return { type: 'object', properties: {} };
  return schema['type'] === 'object' ? schema : { ...schema, type: 'object' };
}

/** What is to be called: `auto`, `none`, `any`, or the `tool` of this name. */
export interface Choice {
  readonly type: string;
  readonly name?: string;
}

function choiceText(choice: Choice, isParallel: boolean): string {
  if (isParallel || choice.type === 'none') return JSON.stringify(choice);
  return JSON.stringify({ ...choice, disable_parallel_tool_use: true });
}

function toChoice(choice: unknown): Choice | undefined {
  switch (choice) {
    case undefined:
    case null:
      return undefined;
    case 'auto':
    case 'none':
      return { type: choice };
    case 'required':
      return { type: 'any' };
  }
  const body = isObject(choice) ? choice['function'] : undefined;
  const name = isObject(body) ? body['name'] : undefined;
  if (typeof name !== 'string')
    throw unsupported('tool_choice', '"tool_choice" must be "auto", "none", "required" or name a function.');
  return { type: 'tool', name };
}

/** The older `function_call` in the words of `tool_choice`. */
function legacyChoice(choice: unknown): unknown {
  return isObject(choice) ? { type: 'function', function: choice } : choice;
}

/** `tool_choice: {type: "allowed_tools"}`: some of the tools, and whether one must be called. */
function allowedTools(choice: unknown): { readonly mode: unknown; readonly names: ReadonlySet<unknown> } | undefined {
  if (!isObject(choice) || choice['type'] !== 'allowed_tools') return undefined;
  const { mode, tools } = isObject(choice['allowed_tools']) ? choice['allowed_tools'] : {};
  if (!Array.isArray(tools)) throw malformed('tool_choice.allowed_tools', '"allowed_tools" needs a list of "tools".');
  const names = tools.map((tool: unknown) => {
    const body = isObject(tool) ? (tool['function'] ?? tool) : undefined;
    return isObject(body) ? body['name'] : undefined;
  });
  return { mode, names: new Set(names) };
}

/**
 * A schema whose objects rule out members they do not name, which the vendor wants said where it holds answers to a schema. What such a
 * schema admits, the caller's admits as well.
 */
export function toClosedSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toClosedSchema);
  if (!isObject(schema)) return schema;
  const closed = Object.fromEntries(Object.entries(schema).map(([name, member]) => [name, toClosedSchema(member)]));
  const isOpen = schema['type'] === 'object' && schema['additionalProperties'] === undefined;
  return isOpen ? { ...closed, additionalProperties: false } : closed;
}
