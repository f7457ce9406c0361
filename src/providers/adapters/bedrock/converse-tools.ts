import { isObject } from '../../../common/is-object.js';
import { malformed, unsupported } from '../anthropic/refusals.js';
import { asObjectSchema, type Choice, type NamedTool, readTools, toClosedSchema } from '../anthropic/tools.js';
import type { BedrockModel } from './bedrock-models.js';
import { type BlockWriter, CACHE_POINT } from './converse-blocks.js';

/** What a request says about tools. */
export interface ToolPlan {
  /** `toolConfig` as JSON text; undefined without tools. */
  readonly config: string | undefined;
  /** The model is made to call a tool. */
  readonly isForced: boolean;
}

/**
 * Plans `toolConfig`. The vendor has no choice of "none", and wants the tools of every call in the history declared: such tools are, with
 * a word that they are not to be called now.
 * @param called names of the tools that the history has calls of.
 * @throws ProviderError that names the tool or choice that has no counterpart.
 */
export function planTools(
  body: Readonly<Record<string, unknown>>,
  called: ReadonlySet<string>,
  model: BedrockModel,
  writer: BlockWriter,
): ToolPlan {
  const { tools, wanted } = readTools(body);
  const isForced = wanted?.type === 'any' || wanted?.type === 'tool';
  if (isForced && tools.length === 0)
    throw malformed('tool_choice', '"tool_choice" asks for a tool, but there are no "tools".');
  if (isForced && model.claude?.canForceTools === false)
    throw unsupported('tool_choice', 'This model cannot be made to call a tool; only "auto" and "none" are possible.');
  if (body['parallel_tool_calls'] === false) writer.dropped.add('parallel_tool_calls');
  if (tools.length === 0 || wanted?.type === 'none') {
    if (called.size === 0) return { config: undefined, isForced: false };
    if (tools.length > 0) writer.dropped.add('tool_choice');
    return { config: `{"tools":[${[...called].map(formerTool).join(',')}]}`, isForced: false };
  }
  const texts = tools.flatMap((tool) => [
    toTool(tool, model, writer),
    ...writer.cachePointOf(cacheHolderOf(tool), true),
  ]);
  if (writer.isCacheWanted && model.cache === 'everywhere') texts.push(CACHE_POINT);
  const choice = wanted === undefined ? '' : `,"toolChoice":${choiceText(wanted)}`;
  return { config: `{"tools":[${texts.join(',')}]${choice}}`, isForced };
}

function toTool({ body, path }: NamedTool, { hasFormat }: BedrockModel, writer: BlockWriter): string {
  const { name, description, parameters, strict } = body;
  if (parameters !== undefined && parameters !== null && !isObject(parameters))
    throw malformed(`${path}.function.parameters`, `The parameters of "${path}" must be a JSON schema.`);
  const isStrict = strict === true && hasFormat;
  if (strict === true && !isStrict) writer.dropped.add('tools[].function.strict');
  const schema = asObjectSchema(parameters);
  const toolSpec = {
    name,
    ...(typeof description === 'string' && description !== '' && { description }),
    inputSchema: { json: isStrict ? toClosedSchema(schema) : schema },
    ...(isStrict && { strict: true }),
  };
  return JSON.stringify({ toolSpec });
}

function formerTool(name: string): string {
  const description = 'Was there before; it must not be called now.';
  return JSON.stringify({ toolSpec: { name, description, inputSchema: { json: { type: 'object' } } } });
}

/** Clients write `cache_control` beside `function`, or within. */
function cacheHolderOf({ holder, body }: NamedTool): Readonly<Record<string, unknown>> {
  return isObject(holder['cache_control']) ? holder : body;
}

function choiceText({ type, name }: Choice): string {
  return JSON.stringify(type === 'tool' ? { tool: { name } } : { [type]: {} });
}
