import { LedgerCore, type LedgerCoreOptions } from '../../src/quota/core/ledger-core.js';
import {
  type LedgerStore,
  LedgerStoreError,
  type Settlement,
  type SettleResult,
} from '../../src/quota/core/ledger-store.js';
import type { Mutation } from './mutations.js';

/** The very core of the service; with a mutation, one that lacks a guard. */
export function createCore(missing: Mutation | undefined, options: LedgerCoreOptions): LedgerCore {
  switch (missing) {
    case 'core_no_retry_flag':
      return new LedgerCore({ ...options, store: withReserve(options.store) });
    case 'core_settle_not_retried':
      return new LedgerCore({ ...options, store: withSettle(options.store) });
    case 'core_swept_event':
      return new LedgerCore({ ...options, store: withReleaseEvents(options.store) });
    case 'core_no_give_back': {
      const core = new LedgerCore(options);
      Object.defineProperty(core, 'giveBack', { value: () => undefined });
      return core;
    }
    case 'core_no_heartbeat':
      return new SilentCore(options);
    case 'core_no_metering':
      return new UnmeteredCore(options);
    case 'core_settle_twice':
      return new UnguardedCore(options);
    default:
      return new LedgerCore(options);
  }
}

function withReserve(store: LedgerStore): LedgerStore {
  return Object.assign(Object.create(store) as LedgerStore, {
    reserve: (batch: Parameters<LedgerStore['reserve']>[0]) => store.reserve(batch, false),
  });
}

function withSettle(store: LedgerStore): LedgerStore {
  return Object.assign(Object.create(store) as LedgerStore, {
    settle: async (batch: readonly Settlement[]) => {
      try {
        return await store.settle(batch);
      } catch (error) {
        const isSilent = error instanceof LedgerStoreError && error.fault === 'unavailable';
        throw isSilent ? new LedgerStoreError('broken', error) : error;
      }
    },
  });
}

function withReleaseEvents(store: LedgerStore): LedgerStore {
  return Object.assign(Object.create(store) as LedgerStore, {
    settleSlow: (settlement: Settlement) => {
      const events =
        settlement.cost > 0n ? settlement.events : settlement.events.map((event) => ({ ...event, attempt: 0 }));
      return store.settleSlow({ ...settlement, events });
    },
  });
}

class SilentCore extends LedgerCore {
  override async beat(): Promise<void> {}
}

class UnmeteredCore extends LedgerCore {
  override meter(): void {}
}

/** Forgets that another settlement of the hold is on its way. */
class UnguardedCore extends LedgerCore {
  override settle(settlement: Settlement): Promise<SettleResult> {
    (this as unknown as { readonly closing: Map<string, unknown> }).closing.clear();
    return super.settle(settlement);
  }
}
