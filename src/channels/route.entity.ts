import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'Route',
  tableName: 'route',
  primaryKeys: ['channelId', 'modelId'],
  properties: {
    channelId: p.bigint().primary(),
    modelId: p.text().primary(),
    upstreamModel: p.text(),
  },
});

/** A channel serves a model, under the upstream's own name for it. */
export class Route extends schema.class {}
schema.setClass(Route);
