import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { unsupported, wrong } from './refusals.js';

/** What of a body is about tools. */
export interface ToolFields {
  readonly tools?: readonly WireObject[];
  readonly toolConfig?: WireObject;
}

type Body = Readonly<WireObject>;

/**
 * Translates `tools`, `tool_choice` and `parallel_tool_calls`. Parameters go as `parametersJsonSchema`, which takes JSON Schema;
 * `parameters` would take only a part of OpenAPI's.
 * @param dropped takes the names of what is left out.
 * @throws ProviderError for tools that are no functions, or a choice of one that is not there.
 */
export function toToolFields(body: Body, dropped: Set<string>): ToolFields {
  const { tools, tool_choice: choice } = body;
  if (!Array.isArray(tools) || tools.length === 0) {
    if (!isAbsent(choice) && choice !== 'none' && choice !== 'auto') dropped.add('tool_choice');
    if (body['parallel_tool_calls'] === false) dropped.add('parallel_tool_calls');
    return {};
  }
  // The API has no way to ask for one call at a time.
  if (body['parallel_tool_calls'] === false) dropped.add('parallel_tool_calls');
  const declarations = tools.map((tool: unknown, i) => toDeclaration(tool, `tools[${i}]`, dropped));
  const { config, only } = toChoice(choice, declarations);
  const functionDeclarations =
    only === undefined ? declarations : declarations.filter(({ name }) => only.has(String(name)));
  return {
    tools: [{ functionDeclarations }],
    ...(config !== undefined && { toolConfig: { functionCallingConfig: config } }),
  };
}

function toDeclaration(tool: unknown, path: string, dropped: Set<string>): WireObject {
  const body = isObject(tool) ? tool['function'] : undefined;
  if (!isObject(body)) throw unsupported('tools', `"${path}": this model takes no other tools than functions.`);
  const { name, description, parameters, strict } = body;
  if (!isText(name)) throw wrong(`${path}.function.name`, `"${path}.function.name" must be a non-empty string.`);
  if (strict === true) dropped.add('tools[].function.strict');
  const declaration: WireObject = { name };
  if (isText(description)) declaration['description'] = description;
  if (isObject(parameters) && !isEmptySchema(parameters)) {
    declaration['parametersJsonSchema'] = withoutSchemaKeyword(parameters);
  }
  return declaration;
}

/** A function without arguments is declared without parameters; an object without properties may be refused. */
function isEmptySchema(schema: Body): boolean {
  const { properties } = schema;
  const isBare = properties === undefined || (isObject(properties) && Object.keys(properties).length === 0);
  return isBare && Object.keys(schema).every((key) => EMPTY_SCHEMA_KEYS.has(key));
}

const EMPTY_SCHEMA_KEYS: ReadonlySet<string> = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  '$schema',
  'title',
]);

/** The dialect that a schema is written in is no field of the API's; the rest of JSON Schema is taken. */
export function withoutSchemaKeyword(schema: Body): Body {
  if (!('$schema' in schema)) return schema;
  const { $schema: _, ...rest } = schema;
  return rest;
}

interface Choice {
  readonly config?: WireObject;
  /** The functions that may be called at all; undefined for any. */
  readonly only?: ReadonlySet<string>;
}

function toChoice(choice: unknown, declarations: readonly WireObject[]): Choice {
  if (isAbsent(choice) || choice === 'auto') return {};
  if (choice === 'none') return { config: { mode: 'NONE' } };
  if (choice === 'required') return { config: { mode: 'ANY' } };
  if (!isObject(choice)) throw unsupported('tool_choice', 'This model does not know that "tool_choice".');
  if (choice['type'] === 'function' && isObject(choice['function'])) {
    return { config: forced([String(choice['function']['name'])], declarations) };
  }
  const allowed = choice['allowed_tools'];
  if (choice['type'] !== 'allowed_tools' || !isObject(allowed) || !Array.isArray(allowed['tools'])) {
    throw unsupported('tool_choice', 'This model does not know that "tool_choice".');
  }
  const names = allowed['tools'].map((tool: unknown) =>
    isObject(tool) && isObject(tool['function']) ? String(tool['function']['name']) : '',
  );
  if (allowed['mode'] === 'required') return { config: forced(names, declarations) };
  // Names may be given only where a call is forced; without them the others are not shown to the model.
  return { only: new Set(known(names, declarations)) };
}

function forced(names: readonly string[], declarations: readonly WireObject[]): WireObject {
  return { mode: 'ANY', allowedFunctionNames: known(names, declarations) };
}

function known(names: readonly string[], declarations: readonly WireObject[]): readonly string[] {
  for (const name of names) {
    if (!declarations.some((declaration) => declaration['name'] === name))
      throw wrong('tool_choice', `"tool_choice" names the function "${name}", which is not among the tools.`);
  }
  return names;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
