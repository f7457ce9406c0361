import type { TaskRef } from '../../providers/canonical/video.js';

/** Pictures that an upstream is to make, or makes, for a caller who waits: what has to be known when their request is over. */
export interface NewLateTask {
  /** 32 hex digits: the id of the request's hold. */
  readonly holdId: string;
  /** Of the request, counted from 1. */
  readonly attempt: number;
  readonly channelId: string;
  /** Name of the channel, for the record. */
  readonly channel: string;
  /** Which of the channel's credentials it is made with, counted from 0. */
  readonly credentialIndex: number;
  /** Public name. */
  readonly model: string;
  readonly upstreamModel: string;
  /** What the operator pays, as it was when the task was submitted; null where that is not known. */
  readonly purchaseVersionId: string | null;
  /** What was asked for, as far as prices know it. */
  readonly imageSize: string | null;
  readonly imageQuality: string | null;
}

/** One as it is stored. */
export interface LateTask extends NewLateTask {
  /** Null: nobody knows what became of its submission. */
  readonly taskRef: TaskRef | null;
  readonly sentAt: Date;
  /** How often its upstream was asked since its request was over. */
  readonly looks: number;
  /** Faults of the hub itself in a row. */
  readonly failures: number;
}

/** A task as a statement names it. */
export type LateTaskKey = Pick<LateTask, 'holdId' | 'attempt'>;

/** The hub's own id of a task, by which vendors may find it again. @param requestId such as `req_…`. */
export function externalIdOf(requestId: string, attempt: number): string {
  return attempt === 1 ? requestId : `${requestId}_${attempt}`;
}

/** The request that a task was for, as callers know it. */
export function requestIdOf({ holdId }: Pick<LateTask, 'holdId'>): string {
  return `req_${holdId}`;
}
