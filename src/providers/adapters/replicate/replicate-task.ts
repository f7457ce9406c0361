import { isObject } from '../../../common/is-object.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskCall, TaskOutput, TaskRef, TaskState } from '../../canonical/video.js';
import type { TaskApi } from '../../provider.js';
import { readTaskAnswer, unreadable } from '../tasks/read-task-answer.js';
import { isStandardWebhook } from '../tasks/standard-webhook.js';
import { textOf404 } from '../tasks/text-of-404.js';
import { codeInText, isRefusal, REPLICATE_ERRORS, toReplicateError } from './replicate-errors.js';
import { readReplicateName } from './replicate-models.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The call that makes a prediction: by the name of the model, or by the version that a name tells.
 * @throws ProviderError `model_missing` for a name that is none.
 */
export function toReplicateSubmit(name: string, input: object, callbackUrl: string | undefined): TaskCall {
  const read = readReplicateName(name);
  if (read === undefined) {
    const message = `"${name}" is no model of Replicate: owner/name, and perhaps a colon and a version.`;
    throw new ProviderError({ kind: 'model_missing', message });
  }
  const { model, version } = read;
  const webhook =
    callbackUrl === undefined ? {} : { webhook: callbackUrl, webhook_events_filter: ['start', 'completed'] };
  return {
    method: 'POST',
    path: version === undefined ? `/models/${model}/predictions` : '/predictions',
    body: JSON.stringify({ version, ...webhook, input }),
  };
}

/** The reference of a new prediction. */
export function fromReplicateSubmit(answer: TaskAnswer): TaskRef {
  const { id } = readPrediction(answer);
  if (typeof id !== 'string' || id === '') throw unreadable('Replicate took the prediction on without naming its id.');
  return { id };
}

/** Asks after a prediction. */
function toReplicateStatus(ref: TaskRef): TaskCall {
  return { method: 'GET', path: `/predictions/${encodeURIComponent(replicateIdOf(ref))}` };
}

/** Stops a prediction, also one that runs. */
function toReplicateCancel(ref: TaskRef): TaskCall {
  return { method: 'POST', path: `/predictions/${encodeURIComponent(replicateIdOf(ref))}/cancel` };
}

/** @throws ProviderError when it was refused. */
function fromReplicateCancel(answer: TaskAnswer): void {
  if (answer.status < 200 || answer.status > 299) throw toReplicateError(answer);
}

/** @throws Error for a reference that this adapter did not make. */
function replicateIdOf({ id }: TaskRef): string {
  if (typeof id !== 'string') throw new Error('This is no reference of a prediction at Replicate.');
  return id;
}

/** What the answer to {@link toReplicateStatus} says. */
function fromReplicateStatus(answer: TaskAnswer): TaskState {
  const gone = textOf404(answer, 'detail');
  if (gone !== undefined) return { state: 'failed', kind: 'expired', message: gone };
  const prediction = readPrediction(answer);
  const { status } = prediction;
  const reason = reasonOf(prediction);
  switch (status) {
    case 'starting':
      return { state: 'queued' };
    case 'processing':
      return { state: 'processing' };
    case 'succeeded':
      return stateOfSuccess(prediction);
    case 'failed':
      return failed(reason);
    case 'canceled':
      return { state: 'cancelled' };
    case 'aborted':
      return { state: 'failed', kind: 'expired', code: 'aborted', message: reason };
  }
  if (typeof status !== 'string' || status === '')
    throw unreadable('Replicate told of a prediction without its status.');
  return stateOfUnknownWord(status, reason);
}

function stateOfSuccess(prediction: Fields): TaskState {
  const { output } = prediction;
  if (prediction['data_removed'] === true && (output === null || output === undefined))
    return {
      state: 'failed',
      kind: 'expired',
      code: 'data_removed',
      message: 'Replicate has deleted the output already.',
    };
  const videoMs = lengthOf(prediction['metrics']);
  return { state: 'succeeded', outputs: outputsOf(output), usage: videoMs === undefined ? {} : { videoMs } };
}

/** An address, or a list of them: that depends on the model. */
function outputsOf(output: unknown): readonly TaskOutput[] {
  const list: readonly unknown[] = Array.isArray(output) ? output : [output];
  if (list.length === 0) throw unreadable('Replicate calls the prediction a success and gives no file.');
  return list.map((url) => {
    if (typeof url !== 'string' || !/^https?:/.test(url) || !URL.canParse(url))
      throw unreadable('Replicate calls the prediction a success and gives no address of its file.');
    return { url };
  });
}

/** Only some models measure it. */
function lengthOf(metrics: unknown): number | undefined {
  const seconds = isObject(metrics) ? metrics['video_output_duration_seconds'] : undefined;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0
    ? Math.round(seconds * 1_000)
    : undefined;
}

function failed(message: string): TaskState {
  const code = codeInText(message);
  const kind = isRefusal(message) ? 'content_refused' : 'failed';
  return { state: 'failed', kind, ...(code === undefined ? {} : { code }), message };
}

function reasonOf({ error }: Fields): string {
  return typeof error === 'string' && error !== '' ? error : 'Replicate gives no reason.';
}

/** @throws ProviderError for a refusal, and for what is no JSON object. */
function readPrediction(answer: TaskAnswer): Fields {
  if (answer.status < 200 || answer.status > 299) throw toReplicateError(answer);
  return readTaskAnswer(answer);
}

/** Which prediction a webhook is about: its body is the prediction. */
function readReplicateWebhook(body: Uint8Array): { readonly upstreamId: string } | undefined {
  let prediction: unknown;
  try {
    prediction = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
  const id = isObject(prediction) ? prediction['id'] : undefined;
  return typeof id === 'string' && id !== '' ? { upstreamId: id } : undefined;
}

/** What is the same of everything that is a prediction. */
export const REPLICATE_TASKS: Omit<TaskApi, 'note'> = {
  // Replicate deletes the files of predictions that were made by API.
  linksLastHours: 1,
  errors: REPLICATE_ERRORS,
  toStatus: toReplicateStatus,
  fromStatus: fromReplicateStatus,
  cancel: { states: ['queued', 'processing'], toCall: toReplicateCancel, fromAnswer: fromReplicateCancel },
  callback: { isGenuine: isStandardWebhook, read: readReplicateWebhook, idOf: replicateIdOf },
};
