/** Everything an operator can be told of; docs/alerts.md says when and what to do. */
export const ALERT_KINDS = [
  'account_unfrozen',
  'books_audit',
  'books_violation',
  'channel_credential',
  'channel_out_of_money',
  'config_refused',
  'job_trouble',
  'key_budget',
  'loss',
  'low_balance',
  'media_storage_full',
  'partitions_low',
  'retention_refused',
  'spend_threshold',
  'swept_holds',
] as const;

export type AlertKind = (typeof ALERT_KINDS)[number];

/** How soon somebody should look: some day, today, now. */
export type AlertSeverity = 'info' | 'warning' | 'critical';

/** Machine-readable facts. Amounts are decimal strings of nano-credits under names that end in `NanoCredits`. */
export type AlertDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Something an operator should know. It leaves the hub as it is, so nothing in it may be secret. */
export interface NewAlert {
  readonly kind: AlertKind;
  readonly severity: AlertSeverity;
  /** What it is about: `account:1000`, `key:7`, `channel:3`, `table:hold`, `books`. */
  readonly subject: string;
  /** One sentence for people. */
  readonly message: string;
  readonly details?: AlertDetails;
  /** Names the happening: raising it again under the same key does nothing. Never shown outside. */
  readonly dedupeKey: string;
}
