import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'ApiKey',
  tableName: 'api_key',
  properties: {
    id: p.bigint().primary().autoincrement(),
    accountId: p.bigint(),
    name: p.text(),
    /** HMAC-SHA-256 of the key; the key itself is never stored. */
    keyHash: p.blob().hidden(),
    last4: p.text(),
    scopes: p.array().nullable(),
    models: p.array().nullable(),
    ipAllowList: p.array().nullable(),
    expiresAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
    rpmLimit: p.integer().nullable(),
    tpmLimit: p.integer().nullable(),
    concurrencyLimit: p.integer().nullable(),
    lastUsedAt: p.datetime().nullable(),
    /** Until when its requests and answers are captured. */
    captureUntil: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** An API key of an account. Null in a list or limit means: no restriction. */
export class ApiKey extends schema.class {}
schema.setClass(ApiKey);
