/**
 * What can be taken away from the ledger to see whether the simulation notices. Each guard stands at one place of the model
 * store, or of a wrapper around the core; the product has no such switches.
 */
export const MUTATIONS = {
  settle_state: "settle without state = 'open'",
  slow_state: 'settle_slow without the check that the hold is not settled',
  entry_unique: 'entry without UNIQUE (kind, ref)',
  account_lock: 'reserve without the lock of the account',
  sweep_lease: 'sweep without lease_until < now',
  sweep_lease_again: 'sweep without asking again under the lock',
  lock_order: 'sweep that locks holds before accounts',
  conditional_update: 'reserve without available >= amount',
  budget_room: "reserve without the room of the key's budget",
  retry_check: 'reserve that ignores p_is_retry',
  claim_check: 'reserve without the look for a claim',
  extend_repeat: 'extend that does not recognise a repetition',
  late_once: 'a late settlement that leaves the hold swept',
  loss_floor: 'a settlement above the hold that ignores what the account has',
  heartbeat_skip_locked: 'heartbeat without skip locked',
  heartbeat_greatest: 'heartbeat without greatest(metered)',
  sweep_metered: 'sweep that charges the whole hold',
  sweep_claims: 'sweep that leaves claims running',
  code_max_uses: 'redemption without used < max_uses',
  redemption_unique: 'redemption without its unique row',
  post_repeat: 'ledger_post without the look for its reference',
  core_no_retry_flag: 'core: a repeated reservation is not marked as one',
  core_settle_not_retried: 'core: a settlement without an answer is given up',
  core_no_give_back: 'core: what was held too late is not given back',
  core_no_heartbeat: 'core: no heartbeat',
  core_no_metering: 'core: metering is forgotten',
  core_settle_twice: 'core: two settlements of one hold in one batch',
  core_swept_event: "core: the event of a released request keeps its number 0 beside the sweeper's",
} as const;

/** Name of a guard that is taken away. */
export type Mutation = keyof typeof MUTATIONS;
