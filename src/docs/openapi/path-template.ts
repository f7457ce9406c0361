import type { ApiOperationSpec } from '../../common/api-operation.decorator.js';

/**
 * Turns a route as Nest spells it into an OpenAPI path: `/models/:id` and `/models/*` both become `/models/{id}`. A
 * wildcard takes the name of the operation's path parameter, because a model id may contain slashes.
 * @param path with a leading slash
 * @throws Error when the names in the path are not exactly the operation's path parameters
 */
export function pathTemplate(path: string, operation: ApiOperationSpec): string {
  const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
  const used: string[] = [];
  const template = path
    .split('/')
    .map((segment) => {
      const name = segment.startsWith('*') ? declared.find((each) => !used.includes(each)) : parameterName(segment);
      if (name === undefined) return segment;
      used.push(name);
      return `{${name}}`;
    })
    .join('/');
  if (used.toSorted().join() !== declared.toSorted().join()) {
    throw new Error(`${operation.id}: ${path} does not carry the path parameters [${declared.join(', ')}]`);
  }
  return template;
}

/** `:id` and `:id(\\d+)` are named `id`; any other segment is not a parameter. */
function parameterName(segment: string): string | undefined {
  return /^:(\w+)/.exec(segment)?.[1];
}
