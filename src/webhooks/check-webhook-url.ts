import { isIP } from 'node:net';
import { type HubError, invalidRequest } from '../common/hub-error.js';
import { isAddressAllowed } from '../providers/transport/address-guard.js';

const PARAM = 'webhookUrl';
const CHARS_MAX = 2048;

/**
 * The address of a customer's webhook, as it is stored. Names are not looked up here: where they lead to is checked with every
 * connection.
 *
 * @param allowPrivateNetwork HUB_WEBHOOK_ALLOW_PRIVATE: plain http and private networks will do.
 * @throws HubError 400 with the param `webhookUrl`.
 */
export function checkWebhookUrl(text: string, allowPrivateNetwork: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw refused('must be an absolute URL that begins with https://');
  }
  if (text.length > CHARS_MAX || url.href.length > CHARS_MAX)
    throw refused(`must have ${CHARS_MAX} characters at most`);
  if (url.username !== '' || url.password !== '') throw refused('must not have a user or a password in it');
  if (url.hash !== '') throw refused('must not have a fragment: it would not be sent');
  if (url.protocol === 'http:' && !allowPrivateNetwork) throw refused('must begin with https://');
  if (!isHostAllowed(url.hostname, allowPrivateNetwork))
    throw refused('must not lead to a private or reserved address');
  return url.href;
}

/** False for a literal address that the hub will not call; URL has turned every spelling of one into the usual one. */
function isHostAllowed(hostname: string, allowPrivateNetwork: boolean): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (isIP(host) !== 0) return isAddressAllowed(host, allowPrivateNetwork);
  return allowPrivateNetwork || (host !== 'localhost' && !host.endsWith('.localhost'));
}

function refused(rule: string): HubError {
  return invalidRequest(`"${PARAM}" ${rule}.`, PARAM);
}
