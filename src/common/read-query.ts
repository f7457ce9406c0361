import { invalidRequest } from './hub-error.js';

/**
 * The parameters of a query string by name, each given once. An unknown one is refused rather than passed over, because a
 * misspelt filter would otherwise answer with everything.
 *
 * @param query as Fastify parsed it.
 * @throws HubError 400 naming the parameter.
 */
export function readQuery<Name extends string>(
  query: unknown,
  names: readonly Name[],
): Readonly<Partial<Record<Name, string>>> {
  const read: Partial<Record<Name, string>> = {};
  for (const [name, value] of Object.entries((query ?? {}) as Readonly<Record<string, unknown>>)) {
    const known = names.find((candidate) => candidate === name);
    if (known === undefined) {
      throw invalidRequest(`There is no parameter "${name}" here; there are: ${names.join(', ')}.`, name);
    }
    if (typeof value !== 'string') throw invalidRequest(`"${name}" was given more than once.`, name);
    read[known] = value;
  }
  return read;
}
