import { BlockList, isIP } from 'node:net';

/** Whether this is an IPv4 or IPv6 address, or a range of them such as `10.0.0.0/8`, as the guard of API keys reads it. */
export function isAddressOrRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  // A zone, such as `fe80::1%eth0`, means another network on each machine.
  if (family === 0 || rest.length > 0 || address.includes('%')) return false;
  if (prefix === undefined) return true;
  if (!/^\d{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false;
  }
}
