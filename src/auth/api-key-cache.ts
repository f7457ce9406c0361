import { LRUCache } from 'lru-cache';

/** How long a looked-up key is believed: a revocation takes effect within this time even when no message arrives. */
export const KEY_TTL_MS = 5000;
/** A popular key is looked up again in the background before its time is over, so that no request waits for it. */
export const REFRESH_AFTER_MS = 3000;
const KEYS_MAX = 50_000;

interface Entry<T> {
  readonly value: T | null;
  readonly loadedAt: number;
}

/**
 * Remembers what the database says about keys, unknown ones included, for a few seconds. However many requests ask for
 * the same key at once, the database is asked once.
 */
export class ApiKeyCache<T> {
  private readonly entries = new LRUCache<string, Entry<T>>({ max: KEYS_MAX });
  private readonly loading = new Map<string, Promise<T | null>>();
  private generation = 0;

  /**
   * @param load asks the database; null for an unknown key; throws when the database does not answer.
   * @param now monotonic milliseconds.
   */
  constructor(
    private readonly load: (id: string) => Promise<T | null>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The value if it is known and fresh, at once; otherwise a promise of it, which rejects when `load` does. */
  get(id: string): T | null | Promise<T | null> {
    const entry = this.entries.get(id);
    if (entry === undefined) return this.fetch(id);
    const age = this.now() - entry.loadedAt;
    if (age >= KEY_TTL_MS) return this.fetch(id);
    if (age >= REFRESH_AFTER_MS) this.fetch(id).catch(() => undefined);
    return entry.value;
  }

  /** True when the value is known to exist, fresh or not. Asks nobody. */
  isKnown(id: string): boolean {
    return (this.entries.peek(id)?.value ?? null) !== null;
  }

  /** Forgets one key, or all of them; a look-up already under way is not remembered. */
  forget(id?: string): void {
    this.generation++;
    this.loading.clear();
    if (id === undefined) this.entries.clear();
    else this.entries.delete(id);
  }

  private fetch(id: string): Promise<T | null> {
    const running = this.loading.get(id);
    if (running !== undefined) return running;
    const { generation } = this;
    // The age counts from before the look-up: what it finds may change while the answer travels.
    const loadedAt = this.now();
    const promise = this.load(id).then(
      (value) => {
        if (this.loading.get(id) === promise) this.loading.delete(id);
        if (this.generation === generation) this.entries.set(id, { value, loadedAt });
        return value;
      },
      (error: unknown) => {
        if (this.loading.get(id) === promise) this.loading.delete(id);
        throw error;
      },
    );
    this.loading.set(id, promise);
    return promise;
  }
}
