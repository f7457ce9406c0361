import { checkCredential } from '../../../channels/check-credential.js';
import type { Provider } from '../../../providers/provider.js';
import type { ImportProduct } from '../../product.js';
import type { TextRow } from '../../source/source-tables.js';
import { jsonObjectOf, textOf } from '../row-values.js';
import { type ChannelKey, keysOf } from './channel-keys.js';
import type { ChannelPlace, ChannelType } from './channel-types.js';

/** One key of a channel, and what it is used for. Keys of the same place can share a channel here. */
export interface Seat extends ChannelPlace {
  /** Number of the key there, from 0. */
  readonly keyIndex: number;
  /** Undefined where there is none, or none that could be one. */
  readonly credential?: string;
  /** The key is switched on there. */
  readonly isEnabled: boolean;
  /** Why it must not be used as it is. */
  readonly problems: readonly string[];
  /** Public name to the upstream's name. */
  readonly models: ReadonlyMap<string, string>;
  /** Which of several regions of the channel the models are asked in. The first one's number is 0. */
  readonly region?: { readonly name: string; readonly index: number };
}

/** What seats are made of. */
export interface SeatContext {
  readonly row: TextRow;
  readonly type: ChannelType;
  /** That of {@link type}. */
  readonly provider: Provider;
  readonly product: ImportProduct;
  readonly models: ReadonlyMap<string, string>;
  /** Says what of the channel is not taken. */
  readonly warn: (text: string) => void;
}

/** The seats of a channel; or why it is left out, to follow its name. */
export type Seats = { readonly seats: readonly Seat[] } | { readonly refusal: string };

/** What a key is here: a credential, perhaps with a base URL of its own; or a problem. */
export type Converted =
  | { readonly credential: string; readonly baseUrl?: string; readonly problem?: undefined }
  | { readonly problem: string };

/** The problem of a key that no request could carry. */
export const NOT_ONE = 'has a credential that cannot be one';

/** The key as it is. */
export const asItIs = (key: string): Converted => ({ credential: key });

/** A seat for each key of a channel, all in one place; one without a credential for a channel that has no key. */
export function seatsIn(
  { row, models }: SeatContext,
  place: ChannelPlace,
  convert: (key: string) => Converted = asItIs,
): Seat[] {
  const keys = keysOf(row);
  if (keys.length === 0) return [{ ...place, keyIndex: 0, isEnabled: true, problems: [], models }];
  return keys.map((key) => toSeat(key, place, models, convert(key.text)));
}

/** A seat of one key. What the admin API would not take as a credential is none here either. */
export function toSeat(
  { index, isEnabled }: Omit<ChannelKey, 'text'>,
  place: ChannelPlace,
  models: Seat['models'],
  converted: Converted,
): Seat {
  const seat = { ...place, keyIndex: index, isEnabled, models };
  if (converted.problem !== undefined) return { ...seat, problems: [converted.problem] };
  const { credential, baseUrl = place.baseUrl } = converted;
  if (checkCredential(credential) !== undefined) return { ...seat, problems: [NOT_ONE] };
  return { ...seat, baseUrl, credential, problems: [] };
}

/** A text of the settings in JSON that a channel of one-api has. @returns an empty one when there is none. */
export function configOf(row: TextRow, name: string): string {
  const value = jsonObjectOf(textOf(row, 'config'))?.[name];
  return typeof value === 'string' ? value.trim() : '';
}
