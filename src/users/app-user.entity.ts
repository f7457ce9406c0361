import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'AppUser',
  tableName: 'app_user',
  properties: {
    id: p.bigint().primary().autoincrement(),
    accountId: p.bigint().nullable(),
    email: p.text(),
    passwordHash: p.text().hidden(),
    role: p.enum(['owner', 'admin', 'operator', 'viewer', 'member']),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
});

/** A person who signs in. The e-mail is unique whatever its case. */
export class AppUser extends schema.class {}
schema.setClass(AppUser);
