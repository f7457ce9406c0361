import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'Account',
  tableName: 'account',
  properties: {
    id: p.bigint().primary().autoincrement(),
    name: p.text(),
    kind: p.enum(['customer', 'system']).default('customer'),
    status: p.enum(['active', 'frozen', 'closed']).default('active'),
    creditsPosted: p.bigint().defaultRaw('0'),
    debitsPosted: p.bigint().defaultRaw('0'),
    debitsPending: p.bigint().defaultRaw('0'),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** Who pays. A read-only view for reports: balances change by plain SQL in the ledger's own transactions. */
export class Account extends schema.class {}
schema.setClass(Account);
