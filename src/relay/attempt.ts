import type { CatalogModel } from '../channels/catalog.types.js';
import type { ProviderError } from '../providers/canonical/provider-error.js';
import type { Usage } from '../providers/canonical/usage.js';
import type { UpstreamBody } from '../providers/transport/upstream-body.js';
import type { ObservedAttempt } from '../routing/attempt-observers.js';
import { type AttemptOutcome, type AttemptRecord, faultOfOutcome } from '../routing/attempt-record.js';
import type { Candidate } from '../routing/candidate.js';
import type { Visit } from '../routing/health/visit.js';
import type { AttemptDeadlines } from './attempt-deadlines.js';
import type { PlannedCandidate } from './route-choice.js';

/**
 * How an attempt goes on with an answer that broke off: from its beginning that is given to the model, or told again from the start
 * and compared.
 */
export type Resume = { readonly mode: 'prefill'; readonly prefill: string } | { readonly mode: 'retell' };

/** What an attempt is made of. */
export interface AttemptParts {
  /** Counts from 1. */
  readonly number: number;
  readonly planned: PlannedCandidate;
  readonly visit: Visit;
  readonly deadlines: AttemptDeadlines;
  /** Nobody else could go on where this one breaks off. */
  readonly isLast: boolean;
  /** Undefined for an answer from its beginning. */
  readonly resume: Resume | undefined;
  readonly observed: ObservedAttempt | undefined;
}

/** One attempt at one candidate while it is under way. Exactly one of succeed, fail and leave ends it; later calls change nothing. */
export class Attempt {
  /** By `performance.now()`. */
  readonly startedAt = performance.now();
  /** The answer's body, once its head is there. */
  private body: UpstreamBody | undefined;
  private status: number | undefined;
  private firstTokenMs: number | undefined;
  private durationMs: number | undefined;
  private isPatient: boolean;

  constructor(
    private readonly parts: AttemptParts,
    private readonly onEnd: (record: AttemptRecord) => void,
  ) {
    this.isPatient = parts.isLast;
  }

  get number(): number {
    return this.parts.number;
  }

  get planned(): PlannedCandidate {
    return this.parts.planned;
  }

  get candidate(): Candidate {
    return this.parts.planned.candidate;
  }

  get model(): CatalogModel {
    return this.parts.planned.model;
  }

  get deadlines(): AttemptDeadlines {
    return this.parts.deadlines;
  }

  get resume(): Resume | undefined {
    return this.parts.resume;
  }

  /** Somebody else could be asked should this attempt fail now. */
  get hasSuccessor(): boolean {
    return !this.isPatient;
  }

  /** Headers of whoever watches. */
  get observerHeaders(): Readonly<Record<string, string>> | undefined {
    return this.parts.observed?.headers;
  }

  /** Time at the upstream, up to now while it is under way. */
  get elapsedMs(): number {
    return this.durationMs ?? performance.now() - this.startedAt;
  }

  /** The head of an answer is there. @param body undefined where it has been read. */
  noteHead(status: number, body?: UpstreamBody): void {
    this.status = status;
    this.body = body;
  }

  /** The model works, and says so before there is anything to be seen: the first token is not waited for any more. */
  noteBegun(): void {
    if (this.firstTokenMs === undefined) this.body?.noteContent();
  }

  /** Content is there: from now on only silence is waited for. Called with every content, so later calls cost nothing. */
  noteContent(): void {
    if (this.firstTokenMs !== undefined) return;
    this.firstTokenMs = performance.now() - this.startedAt;
    this.parts.visit.noteFirstToken(this.firstTokenMs);
    const { gapMs, patientGapMs } = this.parts.deadlines;
    this.body?.noteContent(this.isPatient ? patientGapMs : gapMs);
  }

  /** Nobody could go on with this answer any more: its silences are waited for as those of a last candidate. */
  bePatient(): void {
    if (this.isPatient) return;
    this.isPatient = true;
    this.body?.noteContent(this.parts.deadlines.patientGapMs);
  }

  /** What the upstream has reported to have consumed; undefined when it has not. */
  noteUsage(usage: Usage | undefined): void {
    if (usage !== undefined) this.parts.visit.noteUsage(usage);
  }

  /** The answer is complete. */
  succeed(): void {
    if (this.end('done')) this.parts.visit.succeed();
  }

  /** The upstream failed. */
  fail(error: ProviderError): void {
    this.status = error.status ?? this.status;
    if (this.end(error.kind)) this.parts.visit.fail(error);
  }

  /** The upstream did not take what it was asked, which says nothing of how it is doing. */
  refuse(error: ProviderError): void {
    this.status = error.status ?? this.status;
    if (this.end(error.kind)) this.parts.visit.leave();
  }

  /** It ended for a reason that says nothing about the upstream. */
  leave(outcome: AttemptOutcome): void {
    if (this.end(outcome)) this.parts.visit.leave();
  }

  private end(outcome: AttemptOutcome): boolean {
    if (this.durationMs !== undefined) return false;
    this.durationMs = performance.now() - this.startedAt;
    const record = this.toRecord(outcome, this.durationMs);
    this.onEnd(record);
    this.parts.observed?.ended(record);
    return true;
  }

  private toRecord(outcome: AttemptOutcome, durationMs: number): AttemptRecord {
    const { candidate, model } = this.parts.planned;
    return {
      number: this.parts.number,
      channelId: candidate.channel.id,
      channelName: candidate.channel.name,
      provider: candidate.provider.id,
      model: model.id,
      upstreamModel: candidate.target.upstreamModel,
      outcome,
      fault: faultOfOutcome(outcome),
      status: this.status,
      startedAtMs: Math.round(performance.timeOrigin + this.startedAt),
      durationMs,
      firstTokenMs: this.firstTokenMs,
      isResume: this.parts.resume !== undefined,
    };
  }
}
