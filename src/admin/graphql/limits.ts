import { HubError } from '../../common/hub-error.js';
import { operationTooLarge } from './graphql.errors.js';
import type { OperationSize } from './measure-operation.js';

/** Tokens of the document; the query by which tools read a schema has about 300. */
export const TOKENS_MAX = 4_000;
/** Bytes of a whole request. */
export const REQUEST_BYTES_MAX = 1024 * 1024;
const DEPTH_MAX = 12;
const COST_MAX = 20_000;
const ALIASES_MAX = 30;
const DIRECTIVES_MAX = 30;
const ROOT_FIELDS_MAX = 20;

/**
 * Refuses an operation that is larger than any page needs.
 * @throws HubError 400 `operation_too_large` naming the limit.
 */
export function checkSize(size: OperationSize): void {
  const limits = [
    ['depth', size.depth, DEPTH_MAX],
    ['cost', size.cost, COST_MAX],
    ['number of aliases', size.aliases, ALIASES_MAX],
    ['number of directives', size.directives, DIRECTIVES_MAX],
    ['number of fields at the top', size.rootFields, ROOT_FIELDS_MAX],
  ] as const;
  for (const [what, value, most] of limits) {
    if (value > most) {
      throw operationTooLarge(`The ${what} of this operation is ${value}, and at most ${most} is allowed.`);
    }
  }
}

/** 400: the schema is not told in production. */
export function introspectionOff(): HubError {
  return new HubError({
    status: 400,
    code: 'introspection_disabled',
    message: 'This hub does not tell its schema here. It is part of the source: src/schema.gql.',
    shouldRetry: false,
  });
}
