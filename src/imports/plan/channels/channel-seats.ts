import { textOf } from '../row-values.js';
import { azureSeats } from './azure-seats.js';
import { bedrockSeats } from './bedrock-seats.js';
import { type ChannelForm, type ChannelPlace, CLOUDFLARE_GATEWAY, placeOf, trimBase } from './channel-types.js';
import { asItIs, type Converted, configOf, type SeatContext, type Seats, seatsIn } from './seat.js';
import { vertexSeats } from './vertex-seats.js';

const FORMS: Readonly<Record<ChannelForm, (context: SeatContext) => Seats>> = {
  plain: (context) => seatsAt(context, asItIs),
  azure: azureSeats,
  bedrock: bedrockSeats,
  vertex: vertexSeats,
  cloudflare: cloudflareSeats,
  kling: (context) => seatsAt(context, (key, place) => klingKey(key, place, context)),
  jimeng: (context) => seatsAt(context, pairOf),
  qianfan: (context) => seatsAt(context, (key) => qianfanKey(key, context)),
  ark: (context) => seatsAt(context, arkKey),
};

/** Turns the keys of a channel into credentials of the hub, and says where each is used for which models. */
export function seatsOf(context: SeatContext): Seats {
  return FORMS[context.type.form](context);
}

function seatsAt(context: SeatContext, convert: (key: string, place: ChannelPlace) => Converted): Seats {
  const place = placeOf(context.type, textOf(context.row, 'base_url'));
  if (place === undefined) return { refusal: 'has no base URL' };
  return { seats: seatsIn(context, place, (key) => convert(key, place)) };
}

/** Two parts are joined by a bar there, by a colon here. */
function pairOf(key: string): Converted {
  const parts = key.split('|').map((part) => part.trim());
  const isPair = parts.length === 2 && !parts.includes('') && parts.every((part) => !part.includes(':'));
  return isPair
    ? { credential: parts.join(':') }
    : { problem: 'has a key that is not of the form AccessKey|SecretKey' };
}

/** Beside pairs there are API keys of Kling, and keys of another new-api, which speaks like Kling below `/kling`. */
function klingKey(key: string, { baseUrl }: ChannelPlace, { type }: SeatContext): Converted {
  if (key.includes('|')) return pairOf(key);
  if (!key.startsWith('sk-')) return { credential: key };
  if (baseUrl === type.ours) return { problem: 'has the key of a relay and the base URL of the vendor' };
  return { credential: key, baseUrl: `${baseUrl}/kling` };
}

function qianfanKey(key: string, { warn }: SeatContext): Converted {
  const [apiKey = '', appId = ''] = key.split('|').map((part) => part.trim());
  if (appId !== '') warn('has an AppId behind its key, which the hub does not send');
  return { credential: apiKey };
}

/** For speech new-api signs in with an application and its token, to another service of the vendor. */
function arkKey(key: string): Converted {
  return key.includes('|')
    ? { problem: 'has a key for speech (AppId|Token), which is none of Ark' }
    : { credential: key };
}

/** The account stands beside the key; an address of the gateway has it in itself. */
function cloudflareSeats(context: SeatContext): Seats {
  const { row, type, product } = context;
  const base = trimBase(textOf(row, 'base_url')) || (type.theirs ?? '');
  const at = (baseUrl: string): Seats => ({ seats: seatsIn(context, { provider: type.provider, baseUrl }) });
  if (base.startsWith(CLOUDFLARE_GATEWAY) && base.endsWith('/workers-ai')) return at(`${base}/v1`);
  const account = product === 'one-api' ? configOf(row, 'user_id') : textOf(row, 'other').trim();
  if (!/^\w+$/.test(account)) return { refusal: 'names no account of Cloudflare' };
  return at(`${base}/client/v4/accounts/${account}${type.suffix}`);
}
