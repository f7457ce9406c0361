import { BlockList, isIP } from 'node:net';
import { type LimitSubject, type Limits, type StoredLimits, toLimitSubject } from '../limits/limit-subject.js';

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
  readonly limits: StoredLimits;
  readonly accountLimits: StoredLimits;
  readonly groupId: string;
  readonly multiplierMillionths: bigint;
  readonly groupModels: readonly string[] | null;
  /** Until when requests and answers are captured, in Unix milliseconds; 0: not at all. */
  readonly captureUntilMs: number;
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
  /** The key and its account, as far as they have limits. */
  readonly limits: readonly LimitSubject[];
  /** Group of the account. */
  readonly groupId: string;
  /** The group's factor on every selling price, in millionths. */
  readonly multiplierMillionths: bigint;
  /** Models the group may use; null allows all. */
  readonly groupModels: ReadonlySet<string> | null;
  /** Until when requests and answers of the key are captured, in Unix milliseconds; 0: not at all. */
  readonly captureUntilMs: number;
}

/** Limits of keys and accounts that have none of their own. */
export interface LimitDefaults {
  readonly keyDefaults: Limits;
  readonly accountDefaults: Limits;
}

/** Prepares a stored key for the many requests that use it. */
export function toCaller(key: StoredApiKey, defaults: LimitDefaults): Caller {
  const limits = [
    toLimitSubject('key', key.id, key.limits, defaults.keyDefaults),
    toLimitSubject('account', key.accountId, key.accountLimits, defaults.accountDefaults),
  ];
  return {
    keyId: key.id,
    accountId: key.accountId,
    scopes: key.scopes === null ? null : new Set(key.scopes),
    models: key.models === null ? null : new Set(key.models),
    addresses: key.ipAllowList === null ? undefined : toAddressList(key.ipAllowList),
    limits: limits.filter((subject) => subject !== undefined),
    groupId: key.groupId,
    multiplierMillionths: key.multiplierMillionths,
    groupModels: key.groupModels === null ? null : new Set(key.groupModels),
    captureUntilMs: key.captureUntilMs,
  };
}

/** True when both the key and the group of its account may use this model. */
export function mayUseModel(caller: Pick<Caller, 'models' | 'groupModels'>, model: string): boolean {
  return (caller.models?.has(model) ?? true) && (caller.groupModels?.has(model) ?? true);
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
