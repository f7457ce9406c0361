/** Time as the core sees it: injected, so that a simulation can hold it in its hands. Decides nothing about money. */
export interface LedgerClock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Runs `task` once after at least `ms`; 0 means after what is happening now. Returns a function that calls it off. */
  schedule(ms: number, task: () => void): () => void;
}

/** The clock of this process. Its timers do not keep the process alive. */
export const SYSTEM_CLOCK: LedgerClock = {
  now: () => performance.now(),
  schedule: (ms, task) => {
    if (ms === 0) {
      const immediate = setImmediate(task);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(task, ms).unref();
    return () => clearTimeout(timer);
  },
};
