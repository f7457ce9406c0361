import { readToolChoice } from '../openai-compatible/allowed-tools.js';
import { unsupported, wrong } from '../openai-compatible/refusals.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';

type Body = Readonly<WireObject>;

/** A function as both sides have it. */
interface Tool {
  readonly name: string;
  readonly isStrict: boolean;
  readonly wire: WireObject;
}

const NO_PARAMETERS = { type: 'object', properties: {} };

/**
 * Translates `tools`, `tool_choice` and `parallel_tool_calls`. Cohere cannot be asked for one function by its name: the others are
 * then left out, and a call is demanded. Strictness is a matter of all tools together.
 * @param dropped takes the names of what is left out.
 * @throws ProviderError for tools that are no functions, or a choice of one that is not there.
 */
export function toToolFields(body: Body, dropped: Set<string>): WireObject {
  const { tools, tool_choice: choice } = body;
  if (body['parallel_tool_calls'] === false) dropped.add('parallel_tool_calls');
  if (!Array.isArray(tools) || tools.length === 0) {
    if (choice !== undefined && choice !== null && choice !== 'none' && choice !== 'auto') dropped.add('tool_choice');
    return {};
  }
  const all = tools.map((tool: unknown, i) => toTool(tool, `tools[${i}]`));
  const { mode, only } = readToolChoice(
    choice,
    all.map(({ name }) => name),
  );
  const shown = only === undefined ? all : all.filter(({ name }) => only.has(name));
  const isStrict = shown.every((tool) => tool.isStrict);
  if (!isStrict && shown.some((tool) => tool.isStrict)) dropped.add('tools[].function.strict');
  return {
    tools: shown.map(({ wire }) => wire),
    ...(mode !== 'auto' && { tool_choice: mode.toUpperCase() }),
    ...(isStrict && { strict_tools: true }),
  };
}

function toTool(tool: unknown, path: string): Tool {
  const body = isObject(tool) ? tool['function'] : undefined;
  if (!isObject(body)) throw unsupported('tools', `"${path}": this model takes no other tools than functions.`);
  const { name, description, parameters, strict } = body;
  if (!isText(name)) throw wrong(`${path}.function.name`, `"${path}.function.name" must be a non-empty string.`);
  const wire = {
    name,
    ...(isText(description) && { description }),
    parameters: isObject(parameters) ? parameters : NO_PARAMETERS,
  };
  return { name, isStrict: strict === true, wire: { type: 'function', function: wire } };
}
