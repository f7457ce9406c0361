import { Inject, Injectable } from '@nestjs/common';
import { Billing } from '../billing/billing.js';
import { missing, parseSource, readChoice, wrongType } from '../common/body-fields.js';
import { formatCredits } from '../common/credits.js';
import { isObject } from '../common/is-object.js';
import type { NanoCredits } from '../common/money.js';
import { unitsUp } from '../quota/quota-units.js';
import { Attempts } from './attempts.js';
import type { RelayContext } from './relay-context.js';
import type { RelayOrder } from './relay-order.js';
import { RunRegistry } from './run-registry.js';
import { toChatOrder, toEmbeddingsOrder, toImagesOrder } from './to-order.js';
import { validateChat } from './validate-chat.js';
import { validateEmbeddings } from './validate-embeddings.js';
import { validateImages } from './validate-images.js';

const ENDPOINTS = ['chat/completions', 'embeddings', 'images/generations'] as const;
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
  /** As the hub counts them; the provider's count is what is billed. */
  readonly promptTokens: number;
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
    @Inject(Attempts) private readonly attempts: Attempts,
    @Inject(Billing) private readonly billing: Billing,
    @Inject(RunRegistry) private readonly runs: RunRegistry,
  ) {}

  /**
   * @param body `{"endpoint": "chat/completions", "request": {…}}`, the request as that endpoint takes it.
   * @throws HubError 400 that names the field, 404 for an unknown model, 503 `model_not_priced`.
   */
  async quote(context: RelayContext, body: Uint8Array): Promise<Quote> {
    const { value } = parseSource(body, FIELDS);
    const endpoint = readChoice(value, 'endpoint', ENDPOINTS) ?? 'chat/completions';
    const { request } = value;
    if (request === undefined) throw missing('request');
    if (!isObject(request)) throw wrongType('request', 'an object, the body that the endpoint takes');
    const relayOrder = this.orderOf(context, endpoint, Buffer.from(JSON.stringify(request)));
    const order = await this.runs.toOrder(context, relayOrder);
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

  private orderOf(context: RelayContext, endpoint: (typeof ENDPOINTS)[number], body: Uint8Array): RelayOrder {
    const { caller } = context;
    if (endpoint === 'embeddings') {
      const request = validateEmbeddings(body);
      return toEmbeddingsOrder(request, this.attempts.choose(caller, request.model, 'embeddings'));
    }
    if (endpoint === 'images/generations') {
      const request = validateImages(body);
      return toImagesOrder(request, this.attempts.choose(caller, request.model, 'images'), 'images');
    }
    const request = validateChat(body);
    return toChatOrder(request, this.attempts.choose(caller, request.model, 'chat'));
  }
}

function quoted(amount: NanoCredits): QuotedAmount {
  return { quota: Number(unitsUp(amount)), credits: formatCredits(amount) };
}
