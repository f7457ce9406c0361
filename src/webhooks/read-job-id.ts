import { invalidRequest } from '../common/hub-error.js';
import { JsonSource, JsonSourceError } from '../common/json-source.js';

const NAME = 'jobId';

/**
 * The one thing that the routes of webhooks are told: `jobId`, of a query that was read or of a JSON body.
 *
 * @throws HubError 400 when it is missing or something else is there as well.
 */
export function readJobId(from: Uint8Array | { readonly jobId?: string }): string {
  const given = from instanceof Uint8Array ? parse(from) : from;
  const jobId = given[NAME];
  if (jobId === undefined) throw invalidRequest(`"${NAME}" is missing.`, NAME, 'missing_required_parameter');
  if (typeof jobId !== 'string') throw invalidRequest(`"${NAME}" must be text.`, NAME);
  return jobId;
}

function parse(body: Uint8Array): { readonly jobId?: unknown } {
  try {
    const { value, duplicates } = JsonSource.parse(body);
    const unknown = Object.keys(value).find((name) => name !== NAME);
    if (unknown !== undefined)
      throw invalidRequest(`There is no option "${unknown}" here.`, unknown, 'unknown_parameter');
    if (duplicates.length > 0) throw invalidRequest(`"${NAME}" is given more than once.`, NAME, 'duplicate_parameter');
    return value;
  } catch (error) {
    if (!(error instanceof JsonSourceError)) throw error;
    throw invalidRequest(error.message, undefined, 'invalid_json');
  }
}
