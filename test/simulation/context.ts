import type { MeteredHold, Settlement } from '../../src/quota/core/ledger-store.js';
import type { ModelDatabase } from './model/model-database.js';
import type { Mutation } from './mutations.js';
import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';

/** How often calls of the database go wrong; all 0 once the faults have stopped. */
export interface FaultRates {
  /** The call never reaches the database. */
  refused: number;
  /** The session dies before it can commit. */
  dies: number;
  conflict: number;
  /** The commit is made, and its answer is lost. */
  unanswered: number;
  /** The session stands still with its locks. */
  stalls: number;
  /** The call reaches the database only after its client has given up. */
  delayed: number;
  /** An answer takes a long time. */
  slow: number;
}

/** What the parts of a simulated world share. */
export interface Context {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly database: ModelDatabase;
  readonly rates: FaultRates;
  readonly missing: Mutation | undefined;
  readonly leaseMs: number;
  /** Longest way of a call to the database or back. */
  readonly latencyUsMax: number;
  /** Something was given to code that runs in promises, which has to get its turn before time goes on. */
  isDirty: boolean;
  /** When the database was last away, stopped or its clock jumped, in virtual time. */
  databaseDisturbedAt: number;
  /** When an outsider last had an account locked. */
  readonly accountDisturbedAt: Map<string, number>;
  readonly trace: ((line: string) => void) | undefined;
  /** Sees what a core is about to write down. */
  seeHeartbeat(holds: readonly MeteredHold[]): void;
  /** Sees what a core has sent to be settled. */
  seeSettlement(settlement: Settlement): void;
  /** Sees that a core was told what became of a reservation. */
  seeReserved(holdId: string): void;
  /** Ends the simulation with a finding. */
  fail(message: string): void;
}
