/** Answers that a vendor gives in its own words instead of doing what it is asked. */
export const REFUSALS = [
  'auth_failure',
  'expired_token',
  'bad_parameter',
  'content_refused',
  'out_of_balance',
  'rate_limited',
  'concurrency',
  'server_error',
] as const;
/** What goes wrong with the connection of a call. The last two after the call has done its work. */
export const BREAKDOWNS = ['empty_error', 'lost_request', 'lost_answer', 'silence'] as const;
/** What goes wrong with a task that was taken on. */
export const TROUBLES = [
  'content_refused_late',
  'failed_late',
  'stuck',
  'vanished',
  'success_without_url',
  'unknown_status',
  'forbidden_link',
  'expired_link',
  'duplicate_callback',
  'forged_callback',
] as const;

export type Refusal = (typeof REFUSALS)[number];
export type Breakdown = (typeof BREAKDOWNS)[number];
export type Trouble = (typeof TROUBLES)[number];
export type FaultName = Refusal | Breakdown | Trouble;

/** What a call is for. */
export type CallKind = 'create' | 'status' | 'list' | 'cancel' | 'file';

/** A switch: which fault, and when. */
export interface FaultRule {
  readonly fault: FaultName;
  /** Default: every call for the first two refusals, else only `create`. Of no account for a trouble, which is a task's own. */
  readonly calls?: readonly CallKind[];
  /** Only where the request's path or body holds this text, such as a mark in the prompt. */
  readonly match?: string;
  /** How often; default always. */
  readonly times?: number;
  /** From 0 to 1; default 1. */
  readonly chance?: number;
}

/** The switches of a simulator. */
export class Switches {
  private rules: { rule: FaultRule; left: number }[] = [];

  constructor(private readonly random: () => number) {}

  /** Replaces all rules. @throws Error for a fault that there is not. */
  set(rules: readonly FaultRule[]): void {
    const names: readonly string[] = [...REFUSALS, ...BREAKDOWNS, ...TROUBLES];
    for (const { fault } of rules) if (!names.includes(fault)) throw new Error(`There is no fault "${fault}".`);
    this.rules = rules.map((rule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }));
  }

  /** The first of the faults that a rule wants for this call; the rule's count goes down. */
  take<Name extends FaultName>(faults: readonly Name[], call: CallKind, text: string): Name | undefined {
    for (const entry of this.rules) {
      const fault = faults.find((name) => name === entry.rule.fault);
      if (fault === undefined || !isMeant(entry.rule, call, text) || entry.left <= 0) continue;
      if (this.random() >= (entry.rule.chance ?? 1)) continue;
      entry.left--;
      return fault;
    }
    return undefined;
  }

  /** Every trouble that rules want for a task which begins with this call. */
  troublesOf(text: string): ReadonlySet<Trouble> {
    return new Set(TROUBLES.filter((name) => this.take([name], 'create', text) !== undefined));
  }
}

function isMeant(rule: FaultRule, call: CallKind, text: string): boolean {
  const isOfCredential = rule.fault === 'auth_failure' || rule.fault === 'expired_token';
  const isCallMeant = rule.calls?.includes(call) ?? (isOfCredential || call === 'create');
  return isCallMeant && (rule.match === undefined || text.includes(rule.match));
}
