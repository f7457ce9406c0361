import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'StoredFile',
  tableName: 'stored_file',
  properties: {
    id: p.text().primary(),
    contentType: p.text(),
    bytes: p.blob(),
    expiresAt: p.datetime(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** Bytes that callers fetch by URL until they expire. */
export class StoredFile extends schema.class {}
schema.setClass(StoredFile);
