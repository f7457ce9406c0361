import type { LookupAddress } from 'node:dns';
import dns from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** An upstream host resolves to an address the hub must not call. */
export class AddressRefusedError extends Error {
  readonly code = 'HUB_ADDRESS_REFUSED';
  constructor(host: string) {
    super(`The host ${host} resolves to an address that is not allowed for this channel.`);
    this.name = 'AddressRefusedError';
  }
}

/** Resolves a name to all its addresses, like `dns.lookup` with `all: true`. Replaceable for tests. */
export type ResolveAll = (host: string, done: (error: Error | null, addresses: LookupAddress[]) => void) => void;

type Range = readonly [network: string, prefix: number];

// IANA special-purpose registries (RFC 6890 and successors). These lead nowhere good for any channel: unspecified,
// link-local (cloud metadata), multicast, reserved, and IPv6 forms that smuggle an IPv4 address past a check.
const NEVER: readonly Range[] = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['255.255.255.255', 32],
  // Unspecified and IPv4-compatible; all but ::1. Then IPv4-translated.
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['fe80::', 10],
  ['ff00::', 8],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['2001::', 32],
  ['100::', 64],
  // Metadata services: Amazon's over IPv6; Alibaba's, Oracle's and Azure's over IPv4.
  ['fd00:ec2::254', 128],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['168.63.129.16', 32],
];
// Allowed only for a channel with allowPrivateNetwork.
const PRIVATE: readonly Range[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['::1', 128],
  ['fc00::', 7],
  ['fec0::', 10],
  ['2001:db8::', 32],
];

const loopback = toBlockList([['::1', 128]]);
const never = toBlockList(NEVER);
const privateNetworks = toBlockList(PRIVATE);

function toBlockList(ranges: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, network.includes(':') ? 'ipv6' : 'ipv4');
  return list;
}

/**
 * True when the hub may open a connection to this IP address.
 * @param address an IPv4 or IPv6 address; IPv4-mapped IPv6 counts as the IPv4 address it carries.
 * @param allowPrivateNetwork the channel may reach loopback and private networks; metadata addresses stay refused.
 */
export function isAddressAllowed(address: string, allowPrivateNetwork: boolean): boolean {
  const zone = address.indexOf('%');
  const plain = zone === -1 ? address : address.slice(0, zone);
  const version = isIP(plain);
  if (version === 0) return false;
  // node:net's BlockList matches IPv4-mapped IPv6 addresses against its IPv4 rules.
  const family = version === 6 ? 'ipv6' : 'ipv4';
  if (never.check(plain, family) && !loopback.check(plain, family)) return false;
  return allowPrivateNetwork || !privateNetworks.check(plain, family);
}

const resolveWithSystem: ResolveAll = (host, done) => {
  dns.lookup(host, { all: true, verbatim: true }, (error, addresses) => done(error, addresses ?? []));
};

/**
 * A `lookup` for `net.connect` that gives only allowed addresses. The check happens on the very answer the socket then
 * uses, so a name that changes its address between check and use (DNS rebinding) gains nothing.
 */
export function guardedLookup(
  allowPrivateNetwork: boolean,
  resolveAll: ResolveAll = resolveWithSystem,
): LookupFunction {
  return (host, options, callback) => {
    resolveAll(host, (error, found) => {
      if (error) {
        callback(error, []);
        return;
      }
      const wanted = options.family === 4 || options.family === 6 ? options.family : 0;
      const allowed = found.filter(
        (item) => isAddressAllowed(item.address, allowPrivateNetwork) && (wanted === 0 || item.family === wanted),
      );
      const first = allowed[0];
      if (first === undefined) callback(new AddressRefusedError(host), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
