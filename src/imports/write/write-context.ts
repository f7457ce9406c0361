import type { SqlSession } from '../../database/sql.js';
import type { CredentialCipher } from '../../secrets/credential-cipher.js';
import type { Keyring } from '../../secrets/keyring.js';
import type { ImportPlan } from '../plan/import-plan.js';
import type { Notes } from '../plan/notes.js';
import type { Origins } from './origins.js';

/** What every part of the writing works with. */
export interface WriteContext {
  /** The one transaction. */
  readonly session: SqlSession;
  readonly plan: ImportPlan;
  readonly label: string;
  readonly origins: Origins;
  /** Takes what is found out only now. */
  readonly notes: Notes;
  readonly keyring: Pick<Keyring, 'apiKeyPepper'>;
  readonly cipher: CredentialCipher;
}

/** How much of something there is. */
export interface WriteCount {
  /** Written now. */
  readonly made: number;
  /** There already, and left as it is. */
  readonly present: number;
}

/** A name that nobody has: the wanted one, with the label behind it, or that with a number. Taken from then on. */
export function uniqueName(wanted: string, label: string, taken: Set<string>): string {
  let name = wanted;
  for (let attempt = 1; taken.has(name); attempt++) {
    name = attempt === 1 ? `${wanted} (${label})` : `${wanted} (${label} ${attempt})`;
  }
  taken.add(name);
  return name;
}

/** Cuts a list into parts that fit into one statement. */
export function* parts<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
