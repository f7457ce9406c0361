import { invalidRequest } from '../common/hub-error.js';
import { JsonSource, JsonSourceError } from '../common/json-source.js';

/**
 * The code in the body of a redemption, as it was typed.
 *
 * @throws HubError 400 when the body is no JSON object with one text `code`.
 */
export function readRedemption(body: Uint8Array): string {
  const source = parse(body);
  if (!source.has('code')) {
    throw invalidRequest('"code" is missing: the redemption code, as text.', 'code', 'missing_required_parameter');
  }
  if (source.duplicates.includes('code')) {
    throw invalidRequest('"code" is given more than once.', 'code', 'duplicate_parameter');
  }
  const code = source.value['code'];
  if (typeof code !== 'string') throw invalidRequest('"code" must be text.', 'code');
  return code;
}

function parse(body: Uint8Array): JsonSource {
  try {
    return JsonSource.parse(body);
  } catch (error) {
    if (!(error instanceof JsonSourceError)) throw error;
    throw invalidRequest(error.message, undefined, 'invalid_json');
  }
}
