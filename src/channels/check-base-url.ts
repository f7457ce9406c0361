import { isIP } from 'node:net';
import { hasOperation, isPlainUrl } from '../config/is-plain-url.js';
import { isAddressAllowed } from '../providers/transport/address-guard.js';

const URL_CHARS_MAX = 2048;
/** White space and control characters, which the URL parser drops, and backslashes, which it takes for slashes. */
const UNWRITABLE = /[\s\p{Cc}\\]/u;
/** The same in the path, escaped: a server behind the upstream may decode them into a header of its own. */
const ESCAPED_CONTROL = /%(?:0[0-9a-f]|1[0-9a-f]|7f)/i;
/** Names of the hub's own machine (RFC 6761). */
const OWN_MACHINE = /^(?:localhost|(?:.+\.)localhost)$/i;

/**
 * Checks the base URL of a channel as far as it can be judged as it is written. Where its host leads to is checked with every
 * connection, on the address that is then used.
 *
 * @param allowPrivateNetwork loopback and private addresses may be reached; metadata and link-local addresses never.
 * @returns what is wrong with it, to follow its name; undefined when nothing is.
 */
export function checkBaseUrl(text: string, allowPrivateNetwork: boolean): string | undefined {
  if (text.length > URL_CHARS_MAX) return `must have at most ${URL_CHARS_MAX} characters`;
  if (UNWRITABLE.test(text)) return 'must not contain spaces, control characters or backslashes';
  if (!/^https?:\/\//i.test(text)) return 'must start with http:// or https://';
  if (!isPlainUrl(text)) return 'must be a URL without user, query or fragment; the credential goes into "credential"';
  if (hasOperation(text)) return 'must end before the path of an operation such as /chat/completions: the hub adds it';
  if (ESCAPED_CONTROL.test(text)) return 'must not contain escaped control characters';
  return checkHost(new URL(text).hostname.replace(/\.$/, ''), allowPrivateNetwork);
}

function checkHost(hostname: string, allowPrivateNetwork: boolean): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (OWN_MACHINE.test(host)) return allowPrivateNetwork ? undefined : needsPermission(host);
  // The URL parser has brought every way to write an IPv4 address into its usual form.
  if (isIP(host) === 0 || isAddressAllowed(host, allowPrivateNetwork)) return undefined;
  return isAddressAllowed(host, true) ? needsPermission(host) : `must not lead to ${host}: no channel may reach it`;
}

function needsPermission(host: string): string {
  return `leads to ${host}, which is not on the public internet; set "allowPrivateNetwork" if that is meant`;
}
