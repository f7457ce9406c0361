import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { ImagesAnswer, ImagesRequest } from '../providers/canonical/images.js';
import type { UpstreamResponse } from '../providers/transport/upstream-client.js';
import type { OperationName } from '../routing/able-candidates.js';
import type { Candidate } from '../routing/candidate.js';
import { imageWayOf } from '../routing/image-way.js';
import { PromptCounter } from '../tokens/prompt-counter.js';
import { answerStream } from './answer-stream.js';
import type { Attempt } from './attempt.js';
import { Attempts } from './attempts.js';
import { datedPictures } from './dated-answer.js';
import { ImageFormat } from './image-format.js';
import { isImageEventStream, readImageEvents, toImageErrorEvent, toImageEvents } from './image-stream.js';
import { ImageTasks } from './image-tasks.js';
import { LostPictures } from './lost-pictures.js';
import type { RelayAnswer } from './relay-answer.js';
import type { RelayContext } from './relay-context.js';
import { RelayRun } from './relay-run.js';
import type { Choice } from './route-choice.js';
import { RouteChooser } from './route-chooser.js';
import { RunRegistry } from './run-registry.js';
import { toImagesOrder } from './to-order.js';
import { toImagesFacts } from './to-request-facts.js';
import { UpstreamSender } from './upstream-sender.js';
import { validateImages } from './validate-images.js';

/** Carries out one attempt of an image request: up to the head of the answer, or the whole of it. */
export type ImageCall = (run: RelayRun, attempt: Attempt) => Promise<UpstreamResponse | ImagesAnswer>;

/** images/generations, whole and streamed; images/edits share everything but the call. */
@Injectable()
export class ImagesService {
  constructor(
    @Inject(RouteChooser) private readonly routes: RouteChooser,
    @Inject(PromptCounter) private readonly counter: PromptCounter,
    @Inject(Attempts) private readonly attempts: Attempts,
    @Inject(RunRegistry) private readonly runs: RunRegistry,
    @Inject(UpstreamSender) private readonly sender: UpstreamSender,
    @Inject(ImageFormat) private readonly format: ImageFormat,
    @Inject(ImageTasks) private readonly tasks: ImageTasks,
    @Inject(LostPictures) private readonly lost: LostPictures,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** images/generations from its JSON body. */
  async generate(context: RelayContext, body: Uint8Array): Promise<RelayAnswer> {
    context.capture?.takeRequest(body);
    const request = validateImages(body);
    return await this.relay(context, request, 'images', async (run, attempt) => {
      const { candidate } = attempt;
      const way = imageWayOf(candidate);
      if (way === undefined) throw new Error(`The provider "${candidate.provider.id}" makes no pictures.`);
      if (way.kind === 'task') return await this.tasks.make(run, attempt, way, request);
      const { operation } = way;
      return await this.sender.postImages(run, attempt, operation, operation.toBody(request, candidate.target));
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
    const { value, bytes } = request.source;
    this.routes.modelOf(context.caller, request.model);
    const promptTokens = await this.counter.count('images', value, bytes.length, request.model);
    const choice = this.routes.choose(context.caller, request.model, toImagesFacts(request, operation));
    const run = await this.runs.admit(context, toImagesOrder(request, choice, promptTokens, hash));
    if (!(run instanceof RelayRun)) return run;
    if (request.isStream) {
      const events = this.events(run, request, choice, call);
      return await answerStream(run, events, this.settings.relay.streamHoldMs, { toErrorEvent: toImageErrorEvent });
    }
    try {
      const answer = await this.attempts.tryEach(run, choice, async (attempt) =>
        this.read(run, request, attempt, await call(run, attempt)),
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
    attempt: Attempt,
    made: UpstreamResponse | ImagesAnswer,
  ): Promise<ImagesAnswer> {
    const { candidate } = attempt;
    if (!('status' in made)) {
      const answer = await this.format.apply(run, candidate, datedPictures(made), request.responseFormat);
      // The last thing that can fail: until then the task is booked as lost when its request is.
      await this.tasks.handOver(run, attempt);
      return answer;
    }
    const answer = datedPictures(await this.readWhole(request, candidate, made));
    run.usage = { ...answer.usage, images: answer.body.data.length };
    try {
      return await this.format.apply(run, candidate, answer, request.responseFormat);
    } catch (error) {
      await this.lost.book(run, attempt, request);
      throw error;
    }
  }

  private async readWhole(
    request: ImagesRequest,
    candidate: Candidate,
    response: UpstreamResponse,
  ): Promise<ImagesAnswer> {
    const { images } = candidate.provider;
    if (images === undefined) throw new Error(`The provider "${candidate.provider.id}" has no images operation.`);
    const bytes = await response.body.collect(this.settings.upstream.bodyBytesMax);
    return images.fromBody(bytes, request, candidate.target);
  }

  private async *events(
    run: RelayRun,
    request: ImagesRequest,
    choice: Choice,
    call: ImageCall,
  ): AsyncGenerator<string, void> {
    const { operation } = choice.facts;
    try {
      yield* this.attempts.streamEach(run, choice, (attempt) => this.eventsOf(run, request, attempt, operation, call));
      await run.finish('done');
      yield 'data: [DONE]\n\n';
    } finally {
      await run.finish('failed');
    }
  }

  private async *eventsOf(
    run: RelayRun,
    request: ImagesRequest,
    attempt: Attempt,
    operation: OperationName,
    call: ImageCall,
  ): AsyncGenerator<string, void> {
    const made = await call(run, attempt);
    if ('status' in made && isImageEventStream(made)) {
      yield* readImageEvents(run, attempt, made, request.count);
      return;
    }
    // It comes in one piece, so that its beginning says nothing of how far it is.
    attempt.noteContent();
    const answer = await this.read(run, { ...request, responseFormat: 'b64_json' }, attempt, made);
    run.noteContent();
    await run.finish('done');
    yield* toImageEvents(answer, operation === 'imageEdits' ? 'image_edit' : 'image_generation');
  }
}
