import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { ImagesAnswer, ImagesRequest } from '../providers/canonical/images.js';
import type { UpstreamResponse } from '../providers/transport/upstream-client.js';
import type { OperationName } from '../routing/able-candidates.js';
import type { Candidate } from '../routing/candidate.js';
import { answerStream } from './answer-stream.js';
import { Attempts } from './attempts.js';
import { ImageFormat } from './image-format.js';
import { isImageEventStream, readImageEvents, toImageErrorEvent, toImageEvents } from './image-stream.js';
import type { RelayAnswer } from './relay-answer.js';
import type { RelayContext } from './relay-context.js';
import { RelayRun } from './relay-run.js';
import { RunRegistry } from './run-registry.js';
import { toImagesOrder } from './to-order.js';
import { UpstreamSender } from './upstream-sender.js';
import { validateImages } from './validate-images.js';

/** Sends one attempt of an image request. */
export type ImageCall = (run: RelayRun, candidate: Candidate) => Promise<UpstreamResponse>;

/** images/generations, whole and streamed; images/edits share everything but the call. */
@Injectable()
export class ImagesService {
  constructor(
    @Inject(Attempts) private readonly attempts: Attempts,
    @Inject(RunRegistry) private readonly runs: RunRegistry,
    @Inject(UpstreamSender) private readonly sender: UpstreamSender,
    @Inject(ImageFormat) private readonly format: ImageFormat,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** images/generations from its JSON body. */
  async generate(context: RelayContext, body: Uint8Array): Promise<RelayAnswer> {
    context.capture?.takeRequest(body);
    const request = validateImages(body);
    return await this.relay(context, request, 'images', (run, candidate) => {
      const { images } = candidate.provider;
      if (images === undefined) throw new Error(`The provider "${candidate.provider.id}" has no images operation.`);
      return this.sender.postJson(run, candidate, images.path, images.toBody(request, candidate.target));
    });
  }

  /**
   * Routes, admits, attempts and finishes a validated image request; the steps of `ChatService.complete`.
   * @param hash of an upload, for its Idempotency-Key; the default takes `request.source`.
   * @throws HubError.
   */
  async relay(
    context: RelayContext,
    request: ImagesRequest,
    operation: OperationName,
    call: ImageCall,
    hash?: () => Promise<Buffer>,
  ): Promise<RelayAnswer> {
    const choice = this.attempts.choose(context.caller, request.model, operation);
    const { candidates } = choice;
    const run = await this.runs.admit(context, toImagesOrder(request, choice, operation, hash));
    if (!(run instanceof RelayRun)) return run;
    if (request.isStream) {
      const events = this.events(run, request, candidates, operation, call);
      return await answerStream(run, events, this.settings.relay.streamHoldMs, toImageErrorEvent);
    }
    try {
      const answer = await this.attempts.tryEach(run, candidates, async (candidate) =>
        this.read(run, request, candidate, await call(run, candidate)),
      );
      const body = Buffer.from(JSON.stringify(answer.body));
      await run.finish('done', { body });
      return { kind: 'json', headers: run.headers, body };
    } finally {
      await run.finish('failed');
    }
  }

  private async read(
    run: RelayRun,
    request: ImagesRequest,
    candidate: Candidate,
    response: UpstreamResponse,
  ): Promise<ImagesAnswer> {
    const { images } = candidate.provider;
    if (images === undefined) throw new Error(`The provider "${candidate.provider.id}" has no images operation.`);
    const bytes = await response.body.collect(this.settings.upstream.bodyBytesMax);
    const answer = images.fromBody(bytes, request, candidate.target);
    run.usage = { ...answer.usage, images: answer.body.data.length };
    return await this.format.apply(run, candidate, answer, request.responseFormat);
  }

  private async *events(
    run: RelayRun,
    request: ImagesRequest,
    candidates: readonly Candidate[],
    operation: OperationName,
    call: ImageCall,
  ): AsyncGenerator<string, void> {
    let hasContent = false;
    try {
      const events = this.attempts.streamEach(
        run,
        candidates,
        (candidate) => this.eventsOf(run, request, candidate, operation, call),
        () => hasContent,
      );
      for await (const event of events) {
        hasContent = true;
        yield event;
      }
      await run.finish('done');
      yield 'data: [DONE]\n\n';
    } finally {
      await run.finish('failed');
    }
  }

  private async *eventsOf(
    run: RelayRun,
    request: ImagesRequest,
    candidate: Candidate,
    operation: OperationName,
    call: ImageCall,
  ): AsyncGenerator<string, void> {
    const response = await call(run, candidate);
    if (isImageEventStream(response)) {
      yield* readImageEvents(run, response, request.count);
      return;
    }
    const answer = await this.read(run, { ...request, responseFormat: 'b64_json' }, candidate, response);
    run.noteContent();
    await run.finish('done');
    yield* toImageEvents(answer, operation === 'imageEdits' ? 'image_edit' : 'image_generation');
  }
}
