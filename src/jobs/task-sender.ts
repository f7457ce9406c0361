import { Inject, Injectable } from '@nestjs/common';
import type { CancelSignal } from '../common/cancellation.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { TaskAnswer, TaskCall } from '../providers/canonical/video.js';
import type { TaskApi } from '../providers/provider.js';
import { TASK_CLIENT, TASK_STATUS_CLIENT } from '../providers/providers.module.js';
import { UpstreamClient, type UpstreamRequest, type UpstreamResponse } from '../providers/transport/upstream-client.js';
import { type Candidate, HUB_HEADERS } from '../routing/candidate.js';
import { ChannelSender } from '../routing/channel-sender.js';
import type { JobTask } from './job-tasks.js';

/** Far more than any task API says. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** Sends the calls of task APIs: joins address and credential, and reads answers whole. */
@Injectable()
export class TaskSender {
  constructor(
    @Inject(ChannelSender) private readonly channels: ChannelSender,
    @Inject(TASK_CLIENT) private readonly client: UpstreamClient,
    @Inject(TASK_STATUS_CLIENT) private readonly statusClient: UpstreamClient,
    @Inject(UpstreamClient) private readonly contentClient: UpstreamClient,
  ) {}

  /**
   * @param isOnce the call is never repeated by the transport, as one must not be that starts something that costs money.
   * @throws ProviderError when there is no whole answer; one that is a refusal is for the adapter to read.
   */
  async send(
    candidate: Candidate,
    operation: TaskApi,
    call: TaskCall,
    { signal, isOnce }: SendOptions,
  ): Promise<TaskAnswer> {
    const request = toRequest(candidate, operation, call, { signal, isOnce });
    // An answer that tells a whole file takes longer than a word about a task.
    const client = isOnce || operation.answerBytesMax !== undefined ? this.client : this.statusClient;
    const { status, headers, body } = await this.channels.send(client, candidate, request, operation.auth);
    return { status, headers, body: await body.collect(operation.answerBytesMax ?? ANSWER_BYTES_MAX) };
  }

  /**
   * Brings the files of a task to its vendor, which makes nothing that costs.
   * @param calls by {@link JobTask.toUploads}.
   * @returns what the vendor calls them.
   * @throws ProviderError when one was not taken.
   */
  async upload(
    candidate: Candidate,
    task: JobTask,
    calls: readonly TaskCall[],
    signal: CancelSignal,
  ): Promise<readonly string[]> {
    const names: string[] = [];
    for (const call of calls) {
      names.push(task.fromUpload(await this.send(candidate, task.operation, call, { signal, isOnce: true })));
    }
    return names;
  }

  /** Opens an answer that is too large to be kept, such as a film, or a redirect to it. @throws ProviderError for a refusal. */
  async open(
    candidate: Candidate,
    operation: TaskApi,
    call: TaskCall,
    signal: CancelSignal,
  ): Promise<UpstreamResponse> {
    const request = toRequest(candidate, operation, call, { signal, isOnce: false });
    const response = await this.channels.send(this.contentClient, candidate, request, operation.auth);
    if (response.status < 400) return response;
    const body = await response.body.collect(ANSWER_BYTES_MAX);
    throw candidate.provider.toError({ status: response.status, headers: response.headers, body });
  }
}

/** The file that an answer tells. @throws ProviderError when it does not, such as one that only says where it is, or is too large. */
export async function fileIn(
  { status, headers, body }: UpstreamResponse,
  { fromContent, answerBytesMax = ANSWER_BYTES_MAX }: Pick<TaskApi, 'fromContent' | 'answerBytesMax'>,
  index: number,
): Promise<Uint8Array> {
  if (status < 200 || status > 299) {
    const message = `The upstream answered ${status} in place of a file.`;
    const error = new ProviderError({ kind: 'invalid_response', status, message });
    body.abort(error);
    throw error;
  }
  const whole = await body.collect(answerBytesMax);
  return fromContent === undefined ? whole : fromContent({ status, headers, body: whole }, index);
}

interface SendOptions {
  readonly signal: CancelSignal;
  readonly isOnce: boolean;
}

function toRequest(
  candidate: Candidate,
  operation: TaskApi,
  call: TaskCall,
  { signal, isOnce }: SendOptions,
): UpstreamRequest {
  const { channel, headers } = candidate;
  return {
    method: call.method,
    ...placeOf(candidate, operation, call),
    headers: {
      accept: 'application/json',
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...call.headers,
      ...(operation.auth === undefined ? headers : HUB_HEADERS),
    },
    body: typeof call.body === 'string' ? Buffer.from(call.body) : call.body,
    allowPrivateNetwork: channel.allowPrivateNetwork,
    isOnce,
    signal,
  };
}

/** Where a call goes. What an upstream says of its hosts is believed only where credentials stay with the vendor. */
function placeOf(
  { origin, basePath }: Candidate,
  operation: TaskApi,
  call: TaskCall,
): Pick<UpstreamRequest, 'origin' | 'path'> {
  if (call.origin === undefined) return { origin, path: (operation.basePath?.(basePath) ?? basePath) + call.path };
  const isOwn = (text: string): boolean =>
    text.startsWith('https://') && URL.canParse(text) && operation.isOwnHost?.(new URL(text).hostname) === true;
  return { origin: isOwn(origin) && isOwn(call.origin) ? call.origin : origin, path: call.path };
}
