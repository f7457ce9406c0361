import type { Reservation } from './core/ledger-store.js';
import type { UsageEvent } from './core/usage-event.js';

/** The event of a request that never reached an upstream. */
export function toReleaseEvents(reservation: Reservation): readonly UsageEvent[] {
  return [
    {
      attempt: 0,
      isFinal: true,
      keyId: reservation.keyId,
      model: reservation.model,
      endpoint: reservation.kind,
      userIdentifier: reservation.userIdentifier,
      outcome: 'failed',
      errorCode: 'service_unavailable',
      cost: 0n,
    },
  ];
}
