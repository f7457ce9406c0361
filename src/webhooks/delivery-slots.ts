/** Messages on their way at the same time, of an instance. */
const TOTAL_MAX = 64;
/** To one receiver. */
const PER_HOST_MAX = 4;
/** Of one account, which may have several receivers. */
const PER_ACCOUNT_MAX = 8;

/** Whose messages are on their way, so that a receiver that answers nobody takes no more than its share. */
export class DeliverySlots {
  private total = 0;
  private readonly hosts = new Map<string, number>();
  private readonly accounts = new Map<string, number>();

  get isFull(): boolean {
    return this.total >= TOTAL_MAX;
  }

  /** Hosts that get no more messages for now. */
  get fullHosts(): string[] {
    return full(this.hosts, PER_HOST_MAX);
  }

  /** Accounts whose messages wait for now. */
  get fullAccounts(): string[] {
    return full(this.accounts, PER_ACCOUNT_MAX);
  }

  /** @returns what gives the place free again, once. */
  take(host: string, accountId: string): () => void {
    this.total++;
    change(this.hosts, host, 1);
    change(this.accounts, accountId, 1);
    return () => {
      this.total--;
      change(this.hosts, host, -1);
      change(this.accounts, accountId, -1);
    };
  }
}

function full(counts: ReadonlyMap<string, number>, max: number): string[] {
  return [...counts].filter(([, count]) => count >= max).map(([name]) => name);
}

function change(counts: Map<string, number>, name: string, by: number): void {
  const count = (counts.get(name) ?? 0) + by;
  if (count === 0) counts.delete(name);
  else counts.set(name, count);
}
