import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { HubError } from '../../common/hub-error.js';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import type { AnswerEvent, AnswerEventReader } from '../../providers/canonical/answer-events.js';
import { ProviderError } from '../../providers/canonical/provider-error.js';
import type { TranscriptionAnswer, TranscriptionRequest } from '../../providers/canonical/transcriptions.js';
import type { OperationPath, TranscriptionsOperation } from '../../providers/provider.js';
import type { UpstreamResponse } from '../../providers/transport/upstream-client.js';
import type { Candidate } from '../../routing/candidate.js';
import { SpooledUpload } from '../../upload/spooled-upload.js';
import type { Attempt } from '../attempt.js';
import { keepUntilAnswered } from '../keep-until-answered.js';
import type { RelayAnswer } from '../relay-answer.js';
import type { RelayContext } from '../relay-context.js';
import type { RelayRun } from '../relay-run.js';
import { UpstreamSender } from '../upstream-sender.js';
import { EventShaper } from './answer-shaper.js';
import { PassedRequests } from './passed-requests.js';
import { PassedStreams } from './passed-streams.js';
import { readTranscription } from './read-transcription.js';
import { spokenWords } from './spoken-words.js';
import { ofTranscription } from './to-passed-request.js';

/** audio/transcriptions and audio/translations: a multipart upload. */
@Injectable()
export class TranscriptionsService {
  constructor(
    @Inject(PassedRequests) private readonly requests: PassedRequests,
    @Inject(PassedStreams) private readonly streams: PassedStreams,
    @Inject(UpstreamSender) private readonly sender: UpstreamSender,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** @throws HubError before the first byte of the answer; later failures end the stream with an error event. */
  async transcribe(
    context: RelayContext,
    raw: IncomingMessage,
    task: TranscriptionRequest['task'],
  ): Promise<RelayAnswer> {
    if (!/^multipart\/form-data\b/i.test(raw.headers['content-type'] ?? '')) throw notMultipart();
    const upload = await SpooledUpload.receive(raw, this.settings.server.uploadBytesMax);
    context.receivedAt = performance.now();
    try {
      return await keepUntilAnswered(await this.relay(context, upload, task), upload);
    } catch (error) {
      await upload.discard();
      throw error;
    }
  }

  private async relay(
    context: RelayContext,
    upload: SpooledUpload,
    task: TranscriptionRequest['task'],
  ): Promise<RelayAnswer> {
    const read = await readTranscription(upload, task);
    const { request } = read;
    const passed = ofTranscription(read);
    context.capture?.takeRequest(passed.bytes);
    const admitted = await this.requests.admit(context, { ...passed, hash: () => upload.hash(context.route) });
    if (!('run' in admitted)) return admitted;
    const { run } = admitted;
    if (!request.isStream) {
      return await this.requests.whole(admitted, async (attempt) => {
        const { text, ...answer } = await this.ask(run, request, upload, attempt);
        return { ...answer, text: () => spokenWords(text) };
      });
    }
    return await this.streams.answer(admitted, {
      choiceCount: 1,
      toShaper: (progress) => new EventShaper(progress),
      post: (attempt) => this.post(run, request, upload, attempt),
      open: ({ candidate }) => openStream(candidate, request),
      fromWhole: (body, contentType, { candidate }) =>
        toEvents(operationOf(candidate).fromBody(body, contentType, request)),
    });
  }

  private async ask(
    run: RelayRun,
    request: TranscriptionRequest,
    upload: SpooledUpload,
    attempt: Attempt,
  ): Promise<TranscriptionAnswer> {
    const response = await this.post(run, request, upload, attempt);
    const body = await response.body.collect(this.settings.upstream.bodyBytesMax);
    return operationOf(attempt.candidate).fromBody(body, response.headers['content-type'] ?? '', request);
  }

  private post(
    run: RelayRun,
    request: TranscriptionRequest,
    upload: SpooledUpload,
    attempt: Attempt,
  ): Promise<UpstreamResponse> {
    const { candidate } = attempt;
    const operation = operationOf(candidate);
    const path = pathOf(operation, request);
    const { fields, droppedParams } = operation.toFields(request, candidate.target);
    return this.sender.postUpload(run, attempt, path, upload.with(fields), droppedParams);
  }
}

function operationOf({ provider }: Candidate): TranscriptionsOperation {
  if (provider.transcriptions === undefined) {
    throw new Error(`The provider "${provider.id}" has no transcriptions operation.`);
  }
  return provider.transcriptions;
}

function openStream(candidate: Candidate, request: TranscriptionRequest): AnswerEventReader {
  const reader = operationOf(candidate).openStream?.(candidate.target, request);
  if (reader === undefined) throw new Error(`The provider "${candidate.provider.id}" has no events of transcripts.`);
  return reader;
}

function pathOf({ path, translationsPath }: TranscriptionsOperation, { task }: TranscriptionRequest): OperationPath {
  if (task === 'transcribe') return path;
  if (translationsPath !== undefined) return translationsPath;
  throw new ProviderError({
    kind: 'unsupported_option',
    message: 'This model does not translate; ask for a transcription instead.',
    param: 'model',
    code: 'unsupported_operation',
  });
}

/** A whole transcript as the events of a stream. */
function toEvents({ text, usage, bytes, contentType }: TranscriptionAnswer): readonly AnswerEvent[] {
  const whole = Buffer.from(bytes).toString('utf8');
  const told: unknown = contentType.includes('json') ? JSON.parse(whole) : { text: whole };
  const value = { ...(told as Record<string, unknown>), type: 'transcript.text.done' };
  const event: AnswerEvent = {
    type: 'event',
    value,
    texts: [{ choice: 0, text: spokenWords(text) }],
    hasContent: text !== '',
    begun: [],
    finished: [{ choice: 0, reason: 'length' }],
  };
  return usage === undefined ? [event] : [event, { type: 'usage', usage, wire: {} }];
}

function notMultipart(): HubError {
  return new HubError({
    status: 415,
    code: 'unsupported_media_type',
    message: 'Send the sound as multipart/form-data, in a field named "file".',
    shouldRetry: false,
  });
}
