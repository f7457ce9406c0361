/**
 * Takes `$schema` out of the parameters of function tools; Moonshot refuses the keyword, which says nothing about the
 * parameters themselves.
 * @returns the same value when there is none.
 */
export function withoutSchemaKeyword(tools: unknown): unknown {
  if (!Array.isArray(tools) || !tools.some(hasSchemaKeyword)) return tools;
  return tools.map((tool: unknown) => {
    if (!hasSchemaKeyword(tool)) return tool;
    const { $schema: _, ...parameters } = tool.function.parameters;
    return { ...tool, function: { ...tool.function, parameters } };
  });
}

interface ToolWithSchema {
  readonly function: { readonly parameters: { readonly $schema: unknown } };
}

function hasSchemaKeyword(tool: unknown): tool is ToolWithSchema {
  if (typeof tool !== 'object' || tool === null || !('function' in tool)) return false;
  const { function: definition } = tool;
  if (typeof definition !== 'object' || definition === null || !('parameters' in definition)) return false;
  const { parameters } = definition;
  return typeof parameters === 'object' && parameters !== null && '$schema' in parameters;
}
