import { CREDENTIALS_MAX } from '../../../channels/check-credential.js';
import type { Seat } from './seat.js';

/** Seats that make one channel here: of one place, all of them to be used or none. */
export interface SeatGroup {
  /** The first one; all others differ only in their keys. */
  readonly seat: Seat;
  /** Each once. */
  readonly credentials: readonly string[];
}

/** Puts seats together that can share a channel, in the order of their first keys. */
export function groupSeats(seats: readonly Seat[]): SeatGroup[] {
  const groups = new Map<string, { seat: Seat; credentials: string[] }>();
  for (const seat of seats) {
    const kind = JSON.stringify([seat.provider, seat.baseUrl, seat.region?.name, seat.isEnabled, seat.problems]);
    const { credential } = seat;
    const group = groups.get(kind) ?? { seat, credentials: [] };
    if (credential !== undefined && !group.credentials.includes(credential)) {
      if (group.credentials.length === CREDENTIALS_MAX) {
        // What is full stays as it is; the rest goes on in another one.
        groups.set(`${kind} ${group.seat.keyIndex}`, group);
        groups.set(kind, { seat, credentials: [credential] });
        continue;
      }
      group.credentials.push(credential);
    }
    groups.set(kind, group);
  }
  return [...groups.values()].sort((a, b) => orderOf(a.seat) - orderOf(b.seat));
}

function orderOf({ keyIndex, region }: Seat): number {
  return (region?.index ?? 0) * 1_000_000 + keyIndex;
}
