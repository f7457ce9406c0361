import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'HubState',
  tableName: 'hub_state',
  properties: {
    id: p.smallint().primary(),
    catalogVersion: p.bigint().defaultRaw('1'),
    bootstrappedAt: p.datetime().nullable(),
    /** When the database of another product was first taken over. */
    importedAt: p.datetime().nullable(),
  },
});

/** The one row of facts about the whole installation. */
export class HubState extends schema.class {}
schema.setClass(HubState);
