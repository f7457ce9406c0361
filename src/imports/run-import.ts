import type { AuditActor } from '../audit-log/audit-row.js';
import type { Sql } from '../database/sql.js';
import { VENDORS } from '../providers/vendors.js';
import { CredentialCipher } from '../secrets/credential-cipher.js';
import type { Keyring } from '../secrets/keyring.js';
import { describeImport } from './describe-import.js';
import { planImport } from './plan/plan-import.js';
import type { ImportProduct } from './product.js';
import { readSource } from './source/read-source.js';
import { writeImport } from './write/write-import.js';

/** An import as an operator asks for it. */
export interface ImportRequest {
  readonly product: ImportProduct;
  /** Path of a SQLite file, or `postgres://…`. */
  readonly from: string;
  /** Tells this database from others that are imported. */
  readonly label: string;
  /** Quota of the product in a credit; default: the option of the database, else 500000. */
  readonly quotaPerUnit?: string;
  /** Who does it, for the audit log. */
  readonly actor: AuditActor;
  /** False: everything is tried and undone. */
  readonly isApplied: boolean;
}

/**
 * Takes the database of another product over, or tries to: reads it, plans, and writes in one transaction. Tell all instances
 * afterwards that keys and the catalogue have changed.
 *
 * @returns the report, text of several lines without any secret.
 * @throws ImportError when it cannot be carried out; nothing is changed then.
 */
export async function runImport(sql: Sql, keyring: Keyring, request: ImportRequest): Promise<string> {
  const { product, from, label, quotaPerUnit, actor, isApplied } = request;
  const source = await readSource(product, from);
  const plan = planImport(source, { providers: VENDORS, quotaPerUnit });
  const cipher = new CredentialCipher(keyring);
  const written = await writeImport(sql, plan, { label, keyring, cipher, actor, isApplied });
  return describeImport({ product, label, isApplied, source, plan, written });
}
