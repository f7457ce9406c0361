import { createHash } from 'node:crypto';

/**
 * Whom something is made for, so that a vendor can tell people apart and nobody can tell who they are.
 * @param userIdentifier the caller's own name for them; '' for none.
 * @returns 32 hex digits; undefined when the caller names nobody.
 */
export function endUserOf(accountId: string, userIdentifier: string): string | undefined {
  if (userIdentifier === '') return undefined;
  return createHash('sha256').update(`${accountId}\n${userIdentifier}`).digest('hex').slice(0, 32);
}
