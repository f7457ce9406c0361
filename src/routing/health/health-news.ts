import type { ProviderError, ProviderErrorKind } from '../../providers/canonical/provider-error.js';

/** Something that all instances are to know about a candidate or a credential. */
export type HealthNews =
  | {
      readonly type: 'told' | 'ejected';
      readonly key: string;
      readonly error: ProviderError;
      readonly restMs: number;
      readonly rests: number;
    }
  | { readonly type: 'recovered'; readonly key: string };

/** What news are told by: no credential and no text of an upstream is in it. */
export interface NewsMessage {
  readonly from: string;
  readonly type: HealthNews['type'];
  readonly key: string;
  readonly kind?: ProviderErrorKind;
  readonly status?: number;
  readonly restMs?: number;
  readonly rests?: number;
}
