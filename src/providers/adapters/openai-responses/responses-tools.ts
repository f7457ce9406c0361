import { isObject, type WireObject } from '../openai-compatible/wire.js';
import { refusal } from './refusal.js';

/**
 * Turns tools into their flat form. `strict` is always said, since the two endpoints do not assume the same.
 * @throws ProviderError `unsupported_option` for a tool that is neither a function nor a custom one.
 */
export function toTools(tools: readonly unknown[]): readonly WireObject[] {
  return tools.map((tool, i) => {
    const flat = toTool(tool);
    if (flat === undefined) throw refusal(`tools[${i}].type`, 'This model takes functions and custom tools only.');
    return flat;
  });
}

function toTool(tool: unknown): WireObject | undefined {
  if (!isObject(tool)) return undefined;
  const { function: definition, custom } = tool;
  if (isObject(definition)) {
    const { name, description, parameters, strict } = definition;
    return {
      type: 'function',
      name,
      ...(description !== undefined && { description }),
      parameters: parameters ?? { type: 'object', properties: {} },
      strict: strict ?? false,
    };
  }
  if (!isObject(custom)) return undefined;
  const { format, ...rest } = custom;
  return { type: 'custom', ...rest, ...(format !== undefined && { format: toFormat(format) }) };
}

/** `{type: "grammar", grammar: {syntax, definition}}` is flat there. */
function toFormat(format: unknown): unknown {
  if (!isObject(format) || !isObject(format['grammar'])) return format;
  return { type: format['type'], ...format['grammar'] };
}

/** Turns a tool choice into its flat form. */
export function toToolChoice(choice: unknown): unknown {
  if (!isObject(choice)) return choice;
  const { type, function: named, custom, allowed_tools: allowed } = choice;
  if (isObject(named)) return { type, name: named['name'] };
  if (isObject(custom)) return { type, name: custom['name'] };
  if (!isObject(allowed)) return choice;
  const tools = Array.isArray(allowed['tools']) ? allowed['tools'].map(toToolChoice) : [];
  return { type, mode: allowed['mode'], tools };
}
