import DataLoader from 'dataloader';

/** Loads the values of many keys at once; the answer is a map, a key without a value is missing in it. */
export type LoadMany<Value> = (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;

/** The batch loaders of one request: a related row is asked for once, and all rows of a list in one statement. */
export class Loaders {
  private readonly loaders = new Map<unknown, DataLoader<string, unknown>>();

  /**
   * Loads one value together with those that other fields ask for at the same time.
   *
   * @param owner what the loader belongs to, e.g. a function or service; the same owner always with the same `loadMany`.
   * @returns undefined when there is none.
   */
  load<Value>(owner: object, key: string, loadMany: LoadMany<Value>): Promise<Value | undefined> {
    let loader = this.loaders.get(owner) as DataLoader<string, Value | undefined> | undefined;
    if (loader === undefined) {
      loader = new DataLoader<string, Value | undefined>(async (keys) => {
        const found = await loadMany(keys);
        return keys.map((each) => found.get(each));
      });
      this.loaders.set(owner, loader as DataLoader<string, unknown>);
    }
    return loader.load(key);
  }

  /** Forgets what was loaded: each event of a subscription is about another moment. */
  clear(): void {
    this.loaders.clear();
  }
}
