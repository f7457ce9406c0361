import type { FaultName, FaultRule } from '../../simulators/faults.js';
import type { Random } from '../random.js';

/** The vendors of a run; Kling can be asked for lost tasks, MiniMax cannot. */
export type VendorName = 'kling' | 'minimax';

/** A model of a run. */
export interface PlannedModel {
  readonly id: string;
  readonly durationSeconds: number;
  /** Vendors that serve it, in the order of their priority. */
  readonly vendors: readonly VendorName[];
}

/** Nano-credits of a second of any model. */
export const SECOND_PRICE = 100_000_000n;

export const MODELS: readonly PlannedModel[] = [
  { id: 'v-three', durationSeconds: 5, vendors: ['kling'] },
  { id: 'v-classic', durationSeconds: 5, vendors: ['kling'] },
  { id: 'v-hailuo', durationSeconds: 6, vendors: ['minimax'] },
  { id: 'v-either', durationSeconds: 6, vendors: ['kling', 'minimax'] },
];

/** What goes wrong with the submission of a job, each the first time only; weights. */
const SUBMISSION_FAULTS = {
  none: 70,
  lost_answer: 4,
  lost_request: 2,
  silence: 3,
  empty_error: 2,
  server_error: 3,
  rate_limited: 5,
  concurrency: 5,
  content_refused: 2,
  bad_parameter: 1,
} satisfies Partial<Record<FaultName | 'none', number>>;

/** What goes wrong with its task, once there is one. */
const TASK_TROUBLES = {
  none: 86,
  content_refused_late: 3,
  failed_late: 3,
  vanished: 2,
  forbidden_link: 2,
  expired_link: 2,
  unknown_status: 2,
} satisfies Partial<Record<FaultName | 'none', number>>;

/** What a client will ask for, and what will go wrong with it. */
export interface PlannedJob {
  /** In the prompt, so that the vendors' counts tell of it. */
  readonly mark: string;
  readonly model: PlannedModel;
  readonly submission: keyof typeof SUBMISSION_FAULTS;
  readonly trouble: keyof typeof TASK_TROUBLES;
}

/** Decided by the seed alone. */
export function planJobs(count: number, random: Random): readonly PlannedJob[] {
  return Array.from({ length: count }, (_, index) => ({
    mark: `op-${index}-`,
    model: random.pick(MODELS),
    submission: random.weighted(SUBMISSION_FAULTS),
    trouble: random.weighted(TASK_TROUBLES),
  }));
}

/** What a job costs when it succeeds. */
export function costOf({ model }: PlannedJob): bigint {
  return SECOND_PRICE * BigInt(model.durationSeconds);
}

/** The switches of a vendor's simulator: what was planned for each job, and now and then trouble with asking. */
export function faultRules(jobs: readonly PlannedJob[]): readonly FaultRule[] {
  const planned = jobs.flatMap(({ mark, submission, trouble }): FaultRule[] => [
    ...(submission === 'none' ? [] : [{ fault: submission, calls: ['create' as const], match: mark, times: 1 }]),
    ...(trouble === 'none' ? [] : [{ fault: trouble, match: mark, times: 1 }]),
  ]);
  return [
    ...planned,
    { fault: 'server_error', calls: ['status', 'file'], chance: 0.01 },
    { fault: 'rate_limited', calls: ['status', 'file'], chance: 0.01 },
    { fault: 'empty_error', calls: ['status', 'file', 'list'], chance: 0.01 },
    { fault: 'lost_answer', calls: ['status', 'file', 'list'], chance: 0.005 },
  ];
}
