import { DECLARERS, type Declarations, type DeclaredChannel, type Declarer } from './declaration.js';
import type { ModelPrice } from './model-price.js';

/** A channel and who wants it. */
export interface WantedChannel extends DeclaredChannel {
  readonly managedBy: Declarer;
}

/** A model and who wants it. */
export interface WantedModel {
  readonly managedBy: Declarer;
  readonly price?: ModelPrice;
  /** Declared by itself, not just named by a channel. */
  readonly isExplicit: boolean;
}

/** What the tables should say of everything that is declared. */
export interface WantedState {
  readonly channels: ReadonlyMap<string, WantedChannel>;
  readonly models: ReadonlyMap<string, WantedModel>;
}

/** Joins all declarations into one state. Where two want the same name, the stronger declarer has it. */
export function toWantedState(declarations: Declarations): WantedState {
  const channels = new Map<string, WantedChannel>();
  const models = new Map<string, WantedModel>();
  for (const managedBy of DECLARERS) {
    const declaration = declarations[managedBy];
    for (const model of declaration?.models ?? []) {
      if (!models.get(model.id)?.isExplicit) models.set(model.id, { managedBy, price: model.price, isExplicit: true });
    }
    for (const channel of declaration?.channels ?? []) {
      if (channels.has(channel.name)) continue;
      channels.set(channel.name, { ...channel, managedBy });
      for (const id of channel.models.keys()) {
        if (!models.has(id)) models.set(id, { managedBy, isExplicit: false });
      }
    }
  }
  return { channels, models };
}
