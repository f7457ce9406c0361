/** Prices in credits, as decimal strings. Later parts add units; a name is never reused. */
export interface ModelPrice {
  /** Credits per million input tokens. */
  readonly inputPerMillion?: string;
  /** Credits per million output tokens. */
  readonly outputPerMillion?: string;
}
