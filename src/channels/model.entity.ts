import { defineEntity, p } from '@mikro-orm/core';
import type { ModelPrice } from './model-price.js';

const schema = defineEntity({
  name: 'Model',
  tableName: 'model',
  properties: {
    /** The public name. */
    id: p.text().primary(),
    price: p.json<ModelPrice>().nullable(),
    managedBy: p.enum(['config', 'environment', 'sandbox']).nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
});

/** A model callers may ask for by name. */
export class Model extends schema.class {}
schema.setClass(Model);
