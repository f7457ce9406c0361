import { textOf } from '../row-values.js';
import { type ChannelKey, keysOf } from './channel-keys.js';
import { trimBase } from './channel-types.js';
import { bedrockNameOf } from './model-names.js';
import { configOf, NOT_ONE, type Seat, type SeatContext, type Seats, toSeat } from './seat.js';

const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

/**
 * A channel of AWS: its keys are `AccessKey|SecretKey|Region`, or in new-api `APIKey|Region`; one-api has the parts in `config`. Each
 * region is a base URL here.
 */
export function bedrockSeats(context: SeatContext): Seats {
  const { row, warn } = context;
  if (trimBase(textOf(row, 'base_url')) !== '') warn('has base_url, which was not taken');
  const keys = partedKeys(context);
  if (keys.length === 0) return { refusal: 'has no credential' };
  const seats = keys.flatMap((key) => {
    const seat = seatOf(key, context);
    if (seat !== undefined) return [seat];
    const form = 'AccessKey|SecretKey|Region nor APIKey|Region';
    warn(`has a key (number ${key.index + 1}) that is neither ${form}; it was left out`);
    return [];
  });
  return seats.length === 0 ? { refusal: 'has no key that can be one' } : { seats };
}

function partedKeys({ row }: SeatContext): ChannelKey[] {
  const parts = ['ak', 'sk', 'region'].map((name) => configOf(row, name));
  return parts.includes('') ? keysOf(row) : [{ index: 0, text: parts.join('|'), isEnabled: true }];
}

/** @returns undefined for a key of another form. */
function seatOf(key: ChannelKey, { type, models, product }: SeatContext): Seat | undefined {
  const parts = key.text.split('|').map((part) => part.trim());
  const region = parts.pop() ?? '';
  if (!REGION.test(region) || parts.length === 0 || parts.length > 2 || parts.includes('')) return undefined;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const place = { provider: type.provider, baseUrl: `https://bedrock-runtime.${region}.${domain}` };
  const names = new Map([...models].map(([name, own]) => [name, bedrockNameOf(own, region, product === 'new-api')]));
  // A colon is what joins the parts here.
  const converted = parts.some((part) => part.includes(':')) ? { problem: NOT_ONE } : { credential: parts.join(':') };
  return toSeat(key, place, names, converted);
}
