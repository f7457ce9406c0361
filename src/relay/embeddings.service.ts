import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { EmbeddingsAnswer, EmbeddingsRequest } from '../providers/canonical/embeddings.js';
import type { EmbeddingsOperation } from '../providers/provider.js';
import type { Candidate } from '../routing/candidate.js';
import { Attempts } from './attempts.js';
import { mergeEmbeddings, splitEmbeddings } from './embeddings-batches.js';
import type { JsonAnswer } from './relay-answer.js';
import type { RelayContext } from './relay-context.js';
import { RelayRun } from './relay-run.js';
import { RunRegistry } from './run-registry.js';
import { toEmbeddingsOrder } from './to-order.js';
import { UpstreamSender } from './upstream-sender.js';
import { validateEmbeddings } from './validate-embeddings.js';

/** embeddings. */
@Injectable()
export class EmbeddingsService {
  constructor(
    @Inject(Attempts) private readonly attempts: Attempts,
    @Inject(RunRegistry) private readonly runs: RunRegistry,
    @Inject(UpstreamSender) private readonly sender: UpstreamSender,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Validates, routes, admits, attempts and finishes one request; the steps of `ChatService.complete`.
   * @throws HubError.
   */
  async embed(context: RelayContext, body: Uint8Array): Promise<JsonAnswer> {
    context.capture?.takeRequest(body);
    const request = validateEmbeddings(body);
    const choice = this.attempts.choose(context.caller, request.model, 'embeddings');
    const run = await this.runs.admit(context, toEmbeddingsOrder(request, choice));
    if (!(run instanceof RelayRun)) return run;
    try {
      const answer = await this.attempts.tryEach(run, choice.candidates, (candidate) =>
        this.ask(run, request, candidate),
      );
      run.usage = answer.usage;
      await run.finish('done', { body: answer.bytes });
      return { kind: 'json', headers: run.headers, body: answer.bytes };
    } finally {
      await run.finish('failed');
    }
  }

  /** One attempt; more inputs than the upstream takes at once go out in several requests, one after another. */
  private async ask(run: RelayRun, request: EmbeddingsRequest, candidate: Candidate): Promise<EmbeddingsAnswer> {
    const operation = candidate.provider.embeddings;
    if (operation === undefined)
      throw new Error(`The provider "${candidate.provider.id}" has no embeddings operation.`);
    const batches = splitEmbeddings(request, operation.inputsMax);
    const answers: EmbeddingsAnswer[] = [];
    for (const batch of batches) answers.push(await this.askOnce(run, batch, candidate, operation));
    return mergeEmbeddings(answers);
  }

  private async askOnce(
    run: RelayRun,
    request: EmbeddingsRequest,
    candidate: Candidate,
    operation: EmbeddingsOperation,
  ): Promise<EmbeddingsAnswer> {
    const body = operation.toBody(request, candidate.target);
    const response = await this.sender.postJson(run, candidate, operation.path, body);
    const bytes = await response.body.collect(this.settings.upstream.bodyBytesMax);
    return operation.fromBody(bytes, request, candidate.target);
  }
}
