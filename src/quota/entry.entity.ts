import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'Entry',
  tableName: 'entry',
  properties: {
    id: p.bigint().primary().autoincrement(),
    kind: p.enum(['topup', 'redeem', 'grant', 'adjust', 'refund', 'settle', 'late', 'loss', 'expire']),
    debitId: p.bigint(),
    creditId: p.bigint(),
    amount: p.bigint(),
    ref: p.text(),
    actor: p.text(),
    reason: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** One posted movement of money. A read-only view: the table is append-only and written by the ledger's SQL. */
export class Entry extends schema.class {}
schema.setClass(Entry);
