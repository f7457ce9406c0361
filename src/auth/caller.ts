import { BlockList, isIP } from 'node:net';

/** What an API key may be used for. */
export const API_KEY_SCOPES = ['relay', 'video', 'user'] as const;

/** One of {@link API_KEY_SCOPES}. */
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

/** An API key as stored, together with its account, as authentication needs it. */
export interface StoredApiKey {
  readonly id: string;
  readonly accountId: string;
  readonly accountStatus: string;
  /** The 32 bytes of the keyed hash. */
  readonly keyHash: Buffer;
  readonly scopes: readonly string[] | null;
  readonly models: readonly string[] | null;
  readonly ipAllowList: readonly string[] | null;
  /** Unix time in milliseconds, or null for never. */
  readonly expiresAtMs: number | null;
  readonly isRevoked: boolean;
}

/** Who makes a request: an API key that was accepted. */
export interface Caller {
  readonly keyId: string;
  readonly accountId: string;
  /** Scopes of the key; null allows all. */
  readonly scopes: ReadonlySet<string> | null;
  /** Models the key may use; null allows all. */
  readonly models: ReadonlySet<string> | null;
  /** Addresses the key may come from; undefined allows all. */
  readonly addresses: BlockList | undefined;
}

/** Prepares a stored key for the many requests that use it. */
export function toCaller(key: StoredApiKey): Caller {
  return {
    keyId: key.id,
    accountId: key.accountId,
    scopes: key.scopes === null ? null : new Set(key.scopes),
    models: key.models === null ? null : new Set(key.models),
    addresses: key.ipAllowList === null ? undefined : toAddressList(key.ipAllowList),
  };
}

/** True when the caller's key may come from this address; IPv4-mapped IPv6 counts as IPv4. */
export function mayComeFrom(caller: Caller, address: string): boolean {
  if (caller.addresses === undefined) return true;
  const version = isIP(address);
  return version !== 0 && caller.addresses.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

function toAddressList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [network = '', prefix] = entry.split('/');
    const family = network.includes(':') ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(prefix), family);
  }
  return list;
}
