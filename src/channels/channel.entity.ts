import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'Channel',
  tableName: 'channel',
  properties: {
    id: p.bigint().primary().autoincrement(),
    name: p.text().unique(),
    provider: p.text(),
    baseUrl: p.text().nullable(),
    /** One credential or several, sealed by CredentialCipher, bound to this row. */
    credential: p.blob().nullable().hidden(),
    credentialLast4: p.text().nullable(),
    allowPrivateNetwork: p.boolean().default(false),
    priority: p.integer().default(0),
    weight: p.integer().default(1),
    enabled: p.boolean().default(true),
    /** Tasks under way at a time. */
    tasksMax: p.integer().nullable(),
    /** Requests under way at a time. */
    concurrencyMax: p.integer().nullable(),
    /** Sealed by CredentialCipher, bound to this row. */
    callbackSecret: p.blob().nullable().hidden(),
    limits: p.json<Readonly<Record<string, unknown>>>().defaultRaw(`'{}'`),
    managedBy: p.enum(['config', 'environment', 'sandbox']).nullable(),
    version: p.integer().default(1),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
    /** Taken out of use for good; what points at it stays. */
    removedAt: p.datetime().nullable(),
  },
});

/** An upstream service with a credential. A row with `managedBy` is declared elsewhere and read-only for operators. */
export class Channel extends schema.class {}
schema.setClass(Channel);
