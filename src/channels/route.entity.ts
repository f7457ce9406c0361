import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'Route',
  tableName: 'route',
  primaryKeys: ['channelId', 'modelId'],
  properties: {
    channelId: p.bigint().primary(),
    modelId: p.text().primary(),
    upstreamModel: p.text(),
    /** Place in the order of this model; null takes the channel's. */
    priority: p.integer().nullable(),
    weight: p.integer().nullable(),
  },
});

/** A channel serves a model, under the upstream's own name for it. */
export class Route extends schema.class {}
schema.setClass(Route);
