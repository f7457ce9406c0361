import type { DeclaredPrice } from '../../common/declared-price.js';
import type { NanoCredits } from '../../common/money.js';

/** Something the operator should know of the import. */
export interface ImportWarning {
  /** Such as `key 12 "laptop"`. */
  readonly subject: string;
  readonly text: string;
}

/** A group of users and what its members pay. */
export interface PlannedGroup {
  /** Its name there. */
  readonly name: string;
  readonly multiplierMillionths: bigint;
  /** Models its members may use; undefined for all. */
  readonly models?: readonly string[];
}

/** A user who becomes an account. */
export interface PlannedAccount {
  /** The user's id there. */
  readonly sourceId: string;
  readonly name: string;
  readonly group: string;
  readonly status: 'active' | 'frozen';
  /** What is left of the quota. */
  readonly grant: NanoCredits;
  /** Of the person who will sign in. */
  readonly email?: string;
}

/** A token that becomes an API key. */
export interface PlannedKey {
  readonly sourceId: string;
  /** The user's id there. */
  readonly userId: string;
  readonly name: string;
  /** `sk-` and 48 characters. Never shown, never stored. */
  readonly secret: string;
  readonly models?: readonly string[];
  readonly addresses?: readonly string[];
  readonly expiresAt?: Date;
  readonly isRevoked: boolean;
  /** What it may spend in all; undefined for no bound. */
  readonly budget?: NanoCredits;
}

/** A channel, or a part of one whose keys are not all used in the same way. */
export interface PlannedChannel {
  /** Id there; with `#2` and so on where that key is the first one, and `@us-east1` and so on for further regions. */
  readonly sourceId: string;
  readonly name: string;
  readonly provider: string;
  readonly baseUrl?: string;
  /** In the clear. Never shown. */
  readonly credentials: readonly string[];
  readonly isEnabled: boolean;
  readonly priority: number;
  readonly weight: number;
  /** Groups whose members may use it there. */
  readonly groups: readonly string[];
  /** Public name to the upstream's name. */
  readonly models: ReadonlyMap<string, string>;
}

/** What becomes of a channel there. */
export interface ChannelFate {
  /** Such as `channel 12 "main"`. */
  readonly subject: string;
  /** None when it is left out, of which a warning says why. */
  readonly became: readonly PlannedChannel[];
}

/** What a model is sold for. */
export interface PlannedPrice {
  readonly model: string;
  readonly price: DeclaredPrice;
}

/** A code that nobody has redeemed. */
export interface PlannedCode {
  readonly sourceId: string;
  /** Name of the batch. */
  readonly batch: string;
  /** 32 hexadecimal digits in lower case. Never shown, never stored. */
  readonly symbols: string;
  readonly amount: NanoCredits;
  readonly expiresAt?: Date;
}

/** Everything that an import would make, and what it would not. */
export interface ImportPlan {
  readonly groups: readonly PlannedGroup[];
  readonly accounts: readonly PlannedAccount[];
  readonly keys: readonly PlannedKey[];
  readonly channels: readonly PlannedChannel[];
  /** Of every channel there, in its order. */
  readonly fates: readonly ChannelFate[];
  readonly prices: readonly PlannedPrice[];
  readonly codes: readonly PlannedCode[];
  /** Rows that are left out, with the reason, and how many. */
  readonly skipped: ReadonlyMap<string, number>;
  readonly warnings: readonly ImportWarning[];
  /** Sum of what users had used there, for the report alone. */
  readonly usedBefore: NanoCredits;
}
