import { isObject } from '../../../common/is-object.js';
import type { TaskAnswer, TaskCall, TaskRef } from '../../canonical/video.js';
import type { LostSubmission, Target } from '../../provider.js';
import { readTaskAnswer, unreadable } from '../tasks/read-task-answer.js';
import { toReplicateError } from './replicate-errors.js';
import { readReplicateName } from './replicate-models.js';

/** How far Replicate's clock may be behind ours. */
const SKEW_MS = 120_000;

/** What of a submission matters here, whatever it asked for. */
type Lost = Pick<LostSubmission, 'sentAtMs'>;

/** A prediction of the account, as the list tells of it. */
interface Listed {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly version: string | undefined;
  /** Infinite where it cannot be told. */
  readonly createdAtMs: number;
}

/**
 * Replicate keeps no id of ours with a prediction, so that none can be told to be the lost one; but where its list, newest first, has none of
 * the model since the submission that is not another job's, there is none. https://replicate.com/docs/reference/http#predictions.list
 */
export const REPLICATE_LOOKUP = {
  toCall: (): TaskCall => ({ method: 'GET', path: '/predictions' }),
  fromAnswer: (
    answer: TaskAnswer,
    { sentAtMs }: Lost,
    isKnown: (ref: TaskRef) => boolean,
    { upstreamModel }: Target,
  ): 'absent' | 'unsure' => {
    const { predictions, isWhole } = readList(answer);
    const isOld = ({ createdAtMs }: Listed): boolean => createdAtMs < sentAtMs - SKEW_MS;
    const mayBeIt = (one: Listed): boolean =>
      !isOld(one) && !isOtherModel(one, upstreamModel) && (one.id === undefined || !isKnown({ id: one.id }));
    if (predictions.some(mayBeIt)) return 'unsure';
    // One page has a hundred: what it does not reach back to, it says nothing about.
    return isWhole || predictions.some(isOld) ? 'absent' : 'unsure';
  },
};

/** Some predictions hide their version, and some have no name: only what is told can differ. */
function isOtherModel({ name, version }: Listed, wanted: string): boolean {
  const read = readReplicateName(wanted);
  if (read === undefined) return false;
  if (name !== undefined) return name.toLowerCase() !== read.model.toLowerCase();
  return version !== undefined && read.version !== undefined && version !== read.version;
}

function readList(answer: TaskAnswer): { readonly predictions: readonly Listed[]; readonly isWhole: boolean } {
  if (answer.status < 200 || answer.status > 299) throw toReplicateError(answer);
  const { results, next } = readTaskAnswer(answer);
  if (!Array.isArray(results)) throw unreadable('Replicate answered with no list of predictions.');
  const predictions = results.map((item: unknown): Listed => {
    const prediction = isObject(item) ? item : {};
    const createdAtMs = Date.parse(textOf(prediction['created_at']) ?? '');
    return {
      id: textOf(prediction['id']),
      name: textOf(prediction['model']),
      version: textOf(prediction['version']),
      createdAtMs: Number.isNaN(createdAtMs) ? Number.POSITIVE_INFINITY : createdAtMs,
    };
  });
  return { predictions, isWhole: next === null };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
