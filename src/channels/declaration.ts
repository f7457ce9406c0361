import type { ModelPrice } from './model-price.js';

/** Who declares a channel or model; stored as `managed_by`. What is stronger comes first. */
export const DECLARERS = ['config', 'environment', 'sandbox'] as const;
export type Declarer = (typeof DECLARERS)[number];

/** A channel as its declarer wants it. */
export interface DeclaredChannel {
  /** Stable; the channel is found again by it. */
  readonly name: string;
  /** Provider id. */
  readonly provider: string;
  /** Without a trailing slash; the provider's own when left out. */
  readonly baseUrl?: string;
  /** Credential in the clear. */
  readonly apiKey?: string;
  readonly allowPrivateNetwork: boolean;
  readonly priority: number;
  readonly weight: number;
  /** Public model name to upstream name. */
  readonly models: ReadonlyMap<string, string>;
}

/** A model with what is fixed about it. */
export interface DeclaredModel {
  readonly id: string;
  readonly price?: ModelPrice;
}

/** Everything one declarer declares; what it does not mention any more is switched off. */
export interface Declaration {
  readonly channels: readonly DeclaredChannel[];
  readonly models: readonly DeclaredModel[];
}

/** What all declarers want now. One that is left out declares nothing. */
export type Declarations = Readonly<Partial<Record<Declarer, Declaration>>>;
