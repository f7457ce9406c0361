import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { EmbeddingsAnswer, EmbeddingsRequest } from '../providers/canonical/embeddings.js';
import type { EmbeddingsOperation } from '../providers/provider.js';
import { PromptCounter } from '../tokens/prompt-counter.js';
import type { Attempt } from './attempt.js';
import { Attempts } from './attempts.js';
import { mergeEmbeddings, splitEmbeddings } from './embeddings-batches.js';
import type { JsonAnswer } from './relay-answer.js';
import type { RelayContext } from './relay-context.js';
import { RelayRun } from './relay-run.js';
import { RouteChooser } from './route-chooser.js';
import { RunRegistry } from './run-registry.js';
import { toEmbeddingsOrder } from './to-order.js';
import { toEmbeddingsFacts } from './to-request-facts.js';
import { UpstreamSender } from './upstream-sender.js';
import { validateEmbeddings } from './validate-embeddings.js';
import { inUsualTier } from './with-priced-tier.js';

/** embeddings. */
@Injectable()
export class EmbeddingsService {
  constructor(
    @Inject(RouteChooser) private readonly routes: RouteChooser,
    @Inject(PromptCounter) private readonly counter: PromptCounter,
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
    const { value, bytes } = request.source;
    this.routes.modelOf(context.caller, request.model);
    const promptTokens = await this.counter.count('embeddings', value, bytes.length, request.model);
    const choice = this.routes.choose(context.caller, request.model, toEmbeddingsFacts(promptTokens));
    const run = await this.runs.admit(context, toEmbeddingsOrder(request, choice, promptTokens));
    if (!(run instanceof RelayRun)) return run;
    try {
      const answer = await this.attempts.tryEach(run, choice, (attempt) => this.ask(run, request, attempt));
      run.usage = answer.usage;
      await run.finish('done', { body: answer.bytes });
      return { kind: 'json', headers: run.headers, body: answer.bytes };
    } finally {
      await run.finish('failed');
    }
  }

  /** One attempt; more inputs than the upstream takes at once go out in several requests, one after another. */
  private async ask(run: RelayRun, request: EmbeddingsRequest, attempt: Attempt): Promise<EmbeddingsAnswer> {
    const { candidate } = attempt;
    const operation = candidate.provider.embeddings;
    if (operation === undefined)
      throw new Error(`The provider "${candidate.provider.id}" has no embeddings operation.`);
    const batches = splitEmbeddings(request, operation.inputsMax);
    const answers: EmbeddingsAnswer[] = [];
    for (const batch of batches) answers.push(await this.askOnce(run, batch, attempt, operation));
    return mergeEmbeddings(answers);
  }

  private async askOnce(
    run: RelayRun,
    request: EmbeddingsRequest,
    attempt: Attempt,
    operation: EmbeddingsOperation,
  ): Promise<EmbeddingsAnswer> {
    const { target } = attempt.candidate;
    const body = inUsualTier(request, (plain) => operation.toBody(plain, target));
    const response = await this.sender.postJson(run, attempt, operation.path, body);
    const bytes = await response.body.collect(this.settings.upstream.bodyBytesMax);
    return operation.fromBody(bytes, request, target);
  }
}
