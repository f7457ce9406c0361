/** Whom a limit counts: one API key, one account, or everybody who uses one model. */
export type LimitScope = 'key' | 'account' | 'model';

/** Limits as they are configured; what is left out does not limit. */
export interface Limits {
  /** Requests per minute. */
  readonly rpm?: number;
  /** Tokens per minute, prompt and answer together. */
  readonly tpm?: number;
  /** Requests in flight at the same time. */
  readonly concurrency?: number;
}

/** Something with limits of its own. A request is let in when all of its subjects let it in. */
export interface LimitSubject extends Limits {
  readonly scope: LimitScope;
  /** Unique within the scope. */
  readonly id: string;
}

/** What the database stores of limits: null takes the default. */
export interface StoredLimits {
  readonly rpm: number | null;
  readonly tpm: number | null;
  readonly concurrency: number | null;
}

/** The subject of stored limits, or undefined when nothing limits it. */
export function toLimitSubject(
  scope: LimitScope,
  id: string,
  stored: StoredLimits,
  defaults: Limits = {},
): LimitSubject | undefined {
  const subject: LimitSubject = {
    scope,
    id,
    rpm: stored.rpm ?? defaults.rpm,
    tpm: stored.tpm ?? defaults.tpm,
    concurrency: stored.concurrency ?? defaults.concurrency,
  };
  return isLimited(subject) ? subject : undefined;
}

/** True when at least one of the limits is set. */
export function isLimited({ rpm, tpm, concurrency }: Limits): boolean {
  return rpm !== undefined || tpm !== undefined || concurrency !== undefined;
}
