import { isIP } from 'node:net';
import { wrongType } from '../common/body-fields.js';
import { invalidRequest } from '../common/hub-error.js';
import { isAddressAllowed } from '../providers/transport/address-guard.js';

const URL_CHARS_MAX = 2048;
// Names that lead to the machine or the network of whoever resolves them: of one word, or with one of these at the end.
const LOCAL_NAMES = /^[^.]*\.?$|\.(?:localhost|local|internal|lan|home|corp)\.?$/;

/**
 * Reads an address that somebody on the internet is to open: http or https, without a credential, and not plainly one of a
 * private network. What a name resolves to is for the one who connects to check.
 * @param param the field, which the error names.
 * @throws HubError 400.
 */
export function readPublicUrl(value: unknown, param: string): string {
  if (typeof value !== 'string' || value === '') throw wrongType(param, 'an http or https URL');
  if (value.length > URL_CHARS_MAX) throw wrongType(param, `at most ${URL_CHARS_MAX} characters long`);
  const url = URL.canParse(value) ? new URL(value) : undefined;
  // Control characters and spaces, which the parser passes over, would reach whoever gets the text.
  if (url === undefined || /[\0-\x20\x7f]/.test(value)) throw wrongType(param, 'an http or https URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrongType(param, 'an http or https URL');
  if (url.username !== '' || url.password !== '') {
    throw invalidRequest(`"${param}" must not carry a user name or a password.`, param);
  }
  if (!isPublicHost(url.hostname)) throw invalidRequest(`"${param}" points into a private network.`, param);
  return value;
}

function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? !LOCAL_NAMES.test(host.toLowerCase()) : isAddressAllowed(host, false);
}
