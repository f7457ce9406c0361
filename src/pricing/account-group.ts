/** What accounts have in common. */
export interface AccountGroup {
  /** Row id, as a decimal string. */
  readonly id: string;
  readonly name: string;
  /** Factor on every selling price; 1000000 is 1. */
  readonly multiplierMillionths: bigint;
  /** Public names of the models its accounts may use; undefined for all. */
  readonly models?: ReadonlySet<string>;
}

/** A group as HUB_CONFIG declares it. */
export interface DeclaredGroup {
  /** Its name. */
  readonly id: string;
  /** Decimal string from 0 to 1000 with at most six digits after the point; default 1. */
  readonly multiplier?: string;
  /** Default: all models. */
  readonly models?: readonly string[];
}
