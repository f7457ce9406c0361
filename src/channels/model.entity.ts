import { defineEntity, p } from '@mikro-orm/core';
import type { VideoModelPatch } from '../providers/canonical/video.js';
import type { ModelRouting } from './model-routing.js';

const schema = defineEntity({
  name: 'Model',
  tableName: 'model',
  properties: {
    /** The public name. */
    id: p.text().primary(),
    onDisconnect: p.enum(['abort', 'drain']).default('abort'),
    outputTokensDefault: p.integer().nullable(),
    /** What the operator says of its videos. */
    video: p.json<VideoModelPatch>().nullable(),
    /** How its requests are routed and rescued. */
    routing: p.json<ModelRouting>().nullable(),
    rpmLimit: p.integer().nullable(),
    tpmLimit: p.integer().nullable(),
    concurrencyLimit: p.integer().nullable(),
    managedBy: p.enum(['config', 'environment', 'sandbox']).nullable(),
    version: p.integer().default(1),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
});

/** A model callers may ask for by name. Its prices are rows of price_version; the column `price` is no longer used. */
export class Model extends schema.class {}
schema.setClass(Model);
