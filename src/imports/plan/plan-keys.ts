import { isImportedApiKey } from '../../common/api-key.js';
import { isAddressOrRange } from '../../keys/address-range.js';
import type { ImportProduct } from '../product.js';
import type { SourceData } from '../source/read-source.js';
import type { TextRow } from '../source/source-tables.js';
import type { PlannedAccount, PlannedKey } from './import-plan.js';
import type { Notes } from './notes.js';
import type { QuotaRate } from './quota-rate.js';
import { isDeleted, isModelName, isTrue, listOf, plainText, subjectOf, textOf, toDate, wholeOf } from './row-values.js';

const NAME_CHARS_MAX = 200;
const NEVER = -1n;
const ENABLED = 1n;
/** Its time or its quota is over, which its expiry and its budget say as well. */
const OVER = new Set([3n, 4n]);

/** Tokens to API keys, which keep their secrets. */
export function planKeys(
  data: SourceData,
  accounts: readonly PlannedAccount[],
  rate: QuotaRate,
  notes: Notes,
): PlannedKey[] {
  const owners = new Map(accounts.map((account) => [account.sourceId, account]));
  const secrets = new Set<string>();
  const keys: PlannedKey[] = [];
  for (const row of data.tokens) {
    const subject = subjectOf('key', row, 'name');
    const owner = owners.get(textOf(row, 'user_id'));
    if (isDeleted(row)) {
      notes.skip('keys that are deleted');
      continue;
    }
    if (owner === undefined) {
      notes.skip('keys whose user was not taken over');
      continue;
    }
    // A column of fixed width is filled up with spaces.
    const secret = `sk-${textOf(row, 'key').trim()}`;
    if (!isImportedApiKey(secret) || secrets.has(secret) || !/^\d{1,18}$/.test(textOf(row, 'id'))) {
      notes.skip('keys that cannot be taken over');
      notes.warn(subject, 'is not of 48 letters and digits, or there twice; it was left out: make a new one');
      continue;
    }
    secrets.add(secret);
    keys.push(toKey(row, { product: data.product, owner, secret, rate, notes, subject }));
  }
  return keys;
}

interface KeyContext {
  readonly product: ImportProduct;
  readonly owner: PlannedAccount;
  readonly secret: string;
  readonly rate: QuotaRate;
  readonly notes: Notes;
  readonly subject: string;
}

function toKey(row: TextRow, { product, owner, secret, rate, notes, subject }: KeyContext): PlannedKey {
  const expiry = wholeOf(row, 'expired_time', NEVER);
  const expiresAt = expiry === undefined ? undefined : toDate(expiry);
  const status = wholeOf(row, 'status', ENABLED);
  const isUnlimited = isTrue(row, 'unlimited_quota');
  const budget = isUnlimited
    ? undefined
    : rate.toAmount(wholeOf(row, 'remain_quota', 0n), 'the remaining quota', notes, subject);
  const isOver = status !== undefined && OVER.has(status) && (expiresAt !== undefined || budget === 0n);
  const isRevoked = status !== ENABLED && !isOver;
  if (expiry === undefined) notes.warn(subject, 'has an expiry that is no time; it was taken over as revoked');
  noteGroup(row, owner, notes, subject);
  return {
    sourceId: textOf(row, 'id'),
    userId: owner.sourceId,
    name: plainText(textOf(row, 'name'), NAME_CHARS_MAX) || `${product} key ${textOf(row, 'id')}`,
    secret,
    models: toModels(row, product),
    addresses: toAddresses(row, product, notes, subject),
    expiresAt,
    isRevoked: isRevoked || expiry === undefined,
    budget,
  };
}

function toModels(row: TextRow, product: ImportProduct): string[] | undefined {
  // There an empty list with the limits switched on refuses every model, and so it does here.
  if (product === 'new-api') {
    return isTrue(row, 'model_limits_enabled') ? listOf(textOf(row, 'model_limits')).filter(isModelName) : undefined;
  }
  const models = listOf(textOf(row, 'models'));
  return models.length === 0 ? undefined : models.filter(isModelName);
}

function toAddresses(row: TextRow, product: ImportProduct, notes: Notes, subject: string): string[] | undefined {
  const text = product === 'new-api' ? textOf(row, 'allow_ips').replaceAll(/\r?\n/g, ',') : textOf(row, 'subnet');
  const items = listOf(text.replaceAll(' ', ''));
  if (items.length === 0) return undefined;
  const good = items.filter(isAddressOrRange);
  if (good.length < items.length) {
    const rest = good.length === 0 ? 'none is left, so that it works from nowhere' : 'the others are kept';
    notes.warn(subject, `allows ${items.length - good.length} addresses that are none; ${rest}`);
  }
  return good;
}

function noteGroup(row: TextRow, owner: PlannedAccount, notes: Notes, subject: string): void {
  const group = plainText(textOf(row, 'group'), 64);
  if (group === '' || group === owner.group) return;
  notes.warn(
    subject,
    `has the group "${group}" there; here it pays what the group "${owner.group}" of its account pays`,
  );
}
