/** What stands for all names beyond the bound. */
export const OTHER = 'other';

/** Names that may become label values: the first so many, every other one is {@link OTHER}, so that no caller can add series without end. */
export class BoundedNames {
  private readonly names = new Set<string>();

  constructor(private readonly namesMax: number) {}

  /** The label value for a name; the same for the same name as long as the process lives. */
  of(name: string): string {
    if (this.names.has(name)) return name;
    if (this.names.size >= this.namesMax) return OTHER;
    this.names.add(name);
    return name;
  }
}
