import type { CatalogChannel } from '../channels/catalog.types.js';
import type { Settings } from '../config/settings.js';

/** Where an upstream reports to; undefined where the channel has no secret to know it by. */
export function callbackUrlOf(
  settings: Pick<Settings, 'server'>,
  channel: Pick<CatalogChannel, 'name' | 'callbackSecret'>,
): string | undefined {
  // An empty secret would let anybody sign.
  if (channel.callbackSecret === undefined || channel.callbackSecret === '') return undefined;
  return `${settings.server.publicUrl}/api/callbacks/${encodeURIComponent(channel.name)}`;
}
