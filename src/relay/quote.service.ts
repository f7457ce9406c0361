import { Inject, Injectable } from '@nestjs/common';
import { Billing } from '../billing/billing.js';
import { missing, parseSource, readChoice, wrongType } from '../common/body-fields.js';
import { formatCredits } from '../common/credits.js';
import { isObject } from '../common/is-object.js';
import type { NanoCredits } from '../common/money.js';
import { QUOTE_ENDPOINTS, type QuoteEndpoint } from '../common/quote-endpoints.js';
import type { JobKind } from '../jobs/job.js';
import { JobRouter } from '../jobs/job-router.js';
import type { ChatRequest } from '../providers/canonical/chat.js';
import { unitsUp } from '../quota/quota-units.js';
import { PromptCounter } from '../tokens/prompt-counter.js';
import type { PromptKind } from '../tokens/prompt-parts.js';
import { readImageSubmission } from '../video/read-image-submission.js';
import { readVideoSubmission } from '../video/read-video-submission.js';
import type { Submission } from '../video/submission.js';
import { readMessages } from './formats/messages/read-messages.js';
import { readResponses } from './formats/responses/read-responses.js';
import { type PassedRequest, PassedRequests } from './passed/passed-requests.js';
import { readQuotedTranscription } from './passed/read-quoted-transcription.js';
import { ofCompletions, ofModerations, ofRerank, ofSpeech, ofTranscription } from './passed/to-passed-request.js';
import { validateCompletions } from './passed/validate-completions.js';
import { validateModerations } from './passed/validate-moderations.js';
import { validateRerank } from './passed/validate-rerank.js';
import { validateSpeech } from './passed/validate-speech.js';
import type { RelayContext } from './relay-context.js';
import type { RelayOrder } from './relay-order.js';
import { RouteChooser } from './route-chooser.js';
import { RunRegistry } from './run-registry.js';
import { toChatOrder, toEmbeddingsOrder, toImagesOrder } from './to-order.js';
import { toChatFacts, toEmbeddingsFacts, toImagesFacts } from './to-request-facts.js';
import { validateChat } from './validate-chat.js';
import { validateEmbeddings } from './validate-embeddings.js';
import { validateImages } from './validate-images.js';

/** Other formats of chats. */
const CHATS: Readonly<Record<string, (body: Uint8Array) => ChatRequest>> = {
  messages: (body) => readMessages(body).request,
  responses: (body) => readResponses(body).request,
};
/** What passes through. */
const PASSED: Readonly<Record<string, (body: Uint8Array) => PassedRequest>> = {
  completions: (body) => ofCompletions(validateCompletions(body)),
  moderations: (body) => ofModerations(validateModerations(body)),
  rerank: (body) => ofRerank(validateRerank(body)),
  'audio/speech': (body) => ofSpeech(validateSpeech(body)),
  'audio/transcriptions': (body) => ofTranscription(readQuotedTranscription(body, 'transcribe')),
  'audio/translations': (body) => ofTranscription(readQuotedTranscription(body, 'translate')),
};
const FIELDS = new Set(['endpoint', 'request']);

/** An amount as the public API shows it. */
export interface QuotedAmount {
  /** Whole quota units, rounded up. */
  readonly quota: number;
  /** Credits, exact. */
  readonly credits: string;
}

/** What a request would hold and cost. */
export interface Quote {
  readonly model: string;
  readonly endpoint: string;
  /** As the hub counts them; the provider's count is what is billed. Null for jobs, where none are counted. */
  readonly promptTokens: number | null;
  /** Set aside when the request begins. */
  readonly hold: QuotedAmount;
  /** The least balance with which it begins. */
  readonly minimum: QuotedAmount;
  /** The most it costs; null for a stream without a cap, whose hold grows with it. */
  readonly maximum: QuotedAmount | null;
  /** Cap on output tokens that the hub would send because the request has none. */
  readonly outputTokensCap: number | null;
}

/** Prices requests without carrying them out. */
@Injectable()
export class QuoteService {
  constructor(
    @Inject(RouteChooser) private readonly routes: RouteChooser,
    @Inject(PromptCounter) private readonly counter: PromptCounter,
    @Inject(Billing) private readonly billing: Billing,
    @Inject(RunRegistry) private readonly runs: RunRegistry,
    @Inject(JobRouter) private readonly router: JobRouter,
    @Inject(PassedRequests) private readonly passed: PassedRequests,
  ) {}

  /**
   * @param body `{"endpoint": "chat/completions", "request": {…}}`, the request as that endpoint takes it.
   * @throws HubError 400 that names the field, 404 for an unknown model, 503 `model_not_priced`.
   */
  async quote(context: RelayContext, body: Uint8Array): Promise<Quote> {
    const { value } = parseSource(body, FIELDS);
    const endpoint = readChoice(value, 'endpoint', QUOTE_ENDPOINTS) ?? 'chat/completions';
    const { request } = value;
    if (request === undefined) throw missing('request');
    if (!isObject(request)) throw wrongType('request', 'an object, the body that the endpoint takes');
    const bytes = Buffer.from(JSON.stringify(request));
    if (endpoint === 'video/submit') return this.jobQuote(context, endpoint, 'video', readVideoSubmission(bytes));
    if (endpoint === 'image/submit') return this.jobQuote(context, endpoint, 'image', readImageSubmission(bytes));
    const order = this.runs.toOrder(context, await this.orderOf(context, endpoint, bytes));
    const size = this.billing.sizeOf(order);
    return {
      model: order.model,
      endpoint,
      promptTokens: order.promptTokens,
      hold: quoted(size.amount),
      minimum: quoted(size.minimum),
      maximum: size.isOpenEnded ? null : quoted(size.amount),
      outputTokensCap: size.outputTokensCap ?? null,
    };
  }

  /** A job holds what the dearest way to carry it out would cost; the model is that of the first way. */
  private jobQuote({ caller }: RelayContext, endpoint: string, kind: JobKind, submission: Submission): Quote {
    const { offers, hold } = this.router.route(caller, { kind, ...submission });
    const amount = quoted(hold);
    return {
      model: offers[0]?.model ?? '',
      endpoint,
      promptTokens: null,
      hold: amount,
      minimum: amount,
      maximum: amount,
      outputTokensCap: null,
    };
  }

  private async orderOf(context: RelayContext, endpoint: QuoteEndpoint, body: Uint8Array): Promise<RelayOrder> {
    const { caller } = context;
    const toPassed = PASSED[endpoint];
    if (toPassed !== undefined) return await this.passed.orderOf(context, toPassed(body));
    if (endpoint === 'embeddings') {
      const request = validateEmbeddings(body);
      const tokens = await this.tokensOf(context, 'embeddings', request);
      return toEmbeddingsOrder(request, this.routes.choose(caller, request.model, toEmbeddingsFacts(tokens)), tokens);
    }
    if (endpoint === 'images/generations') {
      const request = validateImages(body);
      const tokens = await this.tokensOf(context, 'images', request);
      return toImagesOrder(
        request,
        this.routes.choose(caller, request.model, toImagesFacts(request, 'images')),
        tokens,
      );
    }
    const request = (CHATS[endpoint] ?? validateChat)(body);
    const tokens = await this.tokensOf(context, 'chat', request);
    return toChatOrder(
      request,
      this.routes.choose(caller, request.model, toChatFacts(request, context, tokens)),
      tokens,
    );
  }

  /** @throws HubError 404 before anything is counted for a model that there is not. */
  private async tokensOf(
    { caller }: RelayContext,
    kind: PromptKind,
    { model, source }: Pick<ChatRequest, 'model' | 'source'>,
  ): Promise<number> {
    this.routes.modelOf(caller, model);
    return await this.counter.count(kind, source.value, source.bytes.length, model);
  }
}

function quoted(amount: NanoCredits): QuotedAmount {
  return { quota: Number(unitsUp(amount)), credits: formatCredits(amount) };
}
