import { missing, wrongType } from '../../../common/body-fields.js';
import { isObject } from '../../../common/is-object.js';
import { refusal } from './refusals.js';

type Wire = Readonly<Record<string, unknown>>;

const FUNCTION_MEMBERS = ['type', 'name', 'description', 'parameters', 'strict'];
const CUSTOM_MEMBERS = ['type', 'name', 'description', 'format'];

/**
 * Tools in the words of chat/completions: functions and custom tools.
 * @param dropped takes the names of members that have no place there.
 * @throws HubError 400 that names the tool; tools that the vendor itself runs are refused.
 */
export function readTools(tools: unknown, dropped: Set<string>): readonly Wire[] {
  if (!Array.isArray(tools)) throw wrongType('tools', 'an array');
  return tools.map((tool: unknown, i) => {
    const path = `tools[${i}]`;
    if (!isObject(tool)) throw wrongType(path, 'an object');
    const { type, name } = tool;
    if (type === undefined || type === null) throw missing(`${path}.type`);
    if (type !== 'function' && type !== 'custom') throw hostedTool(type, `${path}.type`);
    if (typeof name !== 'string')
      throw name === undefined ? missing(`${path}.name`) : wrongType(`${path}.name`, 'a string');
    const known = type === 'function' ? FUNCTION_MEMBERS : CUSTOM_MEMBERS;
    for (const member in tool) if (!known.includes(member) && isGiven(tool[member])) dropped.add(`tools[].${member}`);
    return type === 'function' ? toFunction(tool) : toCustom(tool);
  });
}

/**
 * A tool choice in the words of chat/completions.
 * @throws HubError 400.
 */
export function readToolChoice(choice: unknown): unknown {
  if (typeof choice === 'string') return choice;
  if (!isObject(choice)) throw wrongType('tool_choice', 'a string or an object');
  const { type, name, mode, tools } = choice;
  if (type === 'function') return { type, function: { name } };
  if (type === 'custom') return { type, custom: { name } };
  if (type !== 'allowed_tools') throw hostedTool(type, 'tool_choice.type');
  if (!Array.isArray(tools)) throw wrongType('tool_choice.tools', 'an array');
  return { type, allowed_tools: { mode, tools: tools.map(readToolChoice) } };
}

function toFunction({ name, description, parameters, strict }: Wire): Wire {
  return {
    type: 'function',
    function: {
      name,
      ...(isGiven(description) && { description }),
      ...(isGiven(parameters) && { parameters }),
      // What a request that does not say it means is each endpoint's own affair.
      ...(isGiven(strict) && { strict }),
    },
  };
}

function toCustom({ name, description, format }: Wire): Wire {
  const custom = {
    name,
    ...(isGiven(description) && { description }),
    ...(isGiven(format) && { format: toFormat(format) }),
  };
  return { type: 'custom', custom };
}

/** A grammar stands one level deeper there. */
function toFormat(format: unknown): unknown {
  if (!isObject(format) || format['type'] !== 'grammar') return format;
  const { type, ...grammar } = format;
  return { type, grammar };
}

function hostedTool(type: unknown, param: string) {
  return refusal(
    param,
    `Tools of type "${String(type).slice(0, 64)}" are run by the vendor itself and are not available through the hub; use functions or custom tools.`,
  );
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
