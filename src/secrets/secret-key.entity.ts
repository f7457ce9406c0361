import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'SecretKey',
  tableName: 'secret_key',
  properties: {
    id: p.text().primary(),
    purpose: p.enum(['credential', 'api_key']),
    /** Sealed under the master key. */
    wrapped: p.blob().hidden(),
    isActive: p.boolean().default(true),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** A data key, wrapped by the master key. One per purpose is active; the others still open what they sealed. */
export class SecretKey extends schema.class {}
schema.setClass(SecretKey);
