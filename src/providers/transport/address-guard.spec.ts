import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { guardedLookup, isAddressAllowed, type ResolveAll } from './address-guard.js';

const PUBLIC = ['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.63.255.255', '2606:4700::1111', '::ffff:8.8.8.8'];
const PRIVATE = [
  '127.0.0.1',
  '127.255.255.254',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '198.18.0.1',
  '192.0.2.1',
  '::1',
  '0:0:0:0:0:0:0:1',
  'fd12::1',
  'fec0::1',
  '2001:db8::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:c0a8:101',
];
const NEVER = [
  '0.0.0.0',
  '0.1.2.3',
  '169.254.169.254',
  '169.254.0.1',
  '100.100.100.200',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  'fd00:ec2::254',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:0:7f00:1::',
  '::ffff:169.254.169.254',
  '168.63.129.16',
  '192.0.0.192',
  '::ffff:168.63.129.16',
  '::2',
  '::127.0.0.1',
  '::8.8.8.8',
  '::ffff:0:127.0.0.1',
  '::ffff:0:8.8.8.8',
  '::ffff:0.0.0.0',
];
// Spellings that some resolvers take for an address.
const NO_ADDRESSES = ['', 'localhost', '0x7f000001', '2130706433', '127.1', '0177.0.0.1', '[::1]'];

describe('isAddressAllowed', () => {
  it.each(PUBLIC)('allows %s to every channel', (address) => {
    expect(isAddressAllowed(address, false)).toBe(true);
    expect(isAddressAllowed(address, true)).toBe(true);
  });

  it.each(PRIVATE)('allows %s only to a channel of the private network', (address) => {
    expect(isAddressAllowed(address, false)).toBe(false);
    expect(isAddressAllowed(address, true)).toBe(true);
  });

  it.each([...NEVER, ...NO_ADDRESSES])('refuses %j to every channel', (address) => {
    expect(isAddressAllowed(address, false)).toBe(false);
    expect(isAddressAllowed(address, true)).toBe(false);
  });
});

/** What a socket is given for a name. */
function look(
  resolveAll: ResolveAll,
  options: { family?: number; all?: boolean } = { all: true },
  allowPrivateNetwork = false,
): Promise<{ error: Error | null; addresses: string | LookupAddress[] }> {
  return new Promise((resolve) => {
    guardedLookup(allowPrivateNetwork, resolveAll)('name.test', options, (error, addresses) =>
      resolve({ error, addresses }),
    );
  });
}

function resolvesTo(...addresses: readonly string[]): ResolveAll {
  return (_host, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
}

describe('guardedLookup', () => {
  it('gives only the allowed ones of several addresses', async () => {
    const { addresses } = await look(resolvesTo('10.0.0.1', '8.8.8.8', '::1', '169.254.169.254'));
    expect(addresses).toEqual([{ address: '8.8.8.8', family: 4 }]);
  });

  it('refuses a name without any allowed address', async () => {
    const { error } = await look(resolvesTo('10.0.0.1', '::ffff:127.0.0.1'));
    expect(error).toMatchObject({ code: 'HUB_ADDRESS_REFUSED' });
    expect(error?.message).not.toContain('10.0.0.1');
  });

  it('gives one address, of the wanted family, to who asks for one', async () => {
    const { addresses } = await look(resolvesTo('2606:4700::1111', '8.8.8.8'), { family: 4 });
    expect(addresses).toBe('8.8.8.8');
  });

  it('lets a channel of the private network there, but not to metadata', async () => {
    const { addresses } = await look(resolvesTo('169.254.169.254', '10.0.0.1'), { all: true }, true);
    expect(addresses).toEqual([{ address: '10.0.0.1', family: 4 }]);
  });

  it('checks each answer anew, so that a name which was public before gains nothing', async () => {
    const answers = ['8.8.8.8', '127.0.0.1'];
    const rebinding: ResolveAll = (_host, done) => done(null, [{ address: answers.shift() ?? '', family: 4 }]);
    expect((await look(rebinding)).addresses).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect((await look(rebinding)).error).toMatchObject({ code: 'HUB_ADDRESS_REFUSED' });
  });

  it('passes on why a name does not resolve', async () => {
    const failure = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    expect((await look((_host, done) => done(failure, []))).error).toBe(failure);
  });
});
