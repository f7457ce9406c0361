import { Inject, Injectable } from '@nestjs/common';
import { boundedCost } from '../../../billing/bounded-cost.js';
import { readStoredModels } from '../../../channels/own-models.js';
import { readStoredChannels } from '../../../channels/stored-channel.js';
import { invalidRequest } from '../../../common/hub-error.js';
import { ADMIN_SQL, type Sql } from '../../../database/sql.js';
import { MULTIPLIER_ONE } from '../../../pricing/cost-of.js';
import { readStoredPrices, strongest } from '../../../pricing/current-prices.js';
import type { PriceEffect } from '../../../reporting/price-change.js';
import { type RepricedTraffic, repriceTraffic } from '../../../reporting/reprice-traffic.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { readId } from '../../graphql/read-id.js';
import { checkModelId } from '../check-input.js';
import { toDeclaredPrice } from '../prices/to-declared-price.js';
import type { DryRunPriceInput, PriceChangeInput } from './dry-run.input.js';
import { DryRunGate } from './dry-run-gate.js';
import { type DryRunSpan, dryRunSpan } from './dry-run-span.js';
import { PriceOverlay, type WantedChange } from './price-overlay.js';
import { type ReadTraffic, readServedRequests } from './served-requests.js';

const CHANGES_MAX = 50;

/** What a change of prices would have done to some traffic. */
export interface PriceDryRunResult {
  readonly selling: RepricedTraffic;
  /** Undefined when no purchase price changes. */
  readonly purchase: (PriceEffect & ReadTraffic) | undefined;
  /** Changes that would have no effect. */
  readonly hidden: readonly WantedChange[];
}

/** Finds out what other prices would have done. Changes nothing. */
@Injectable()
export class PriceDryRun {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(DryRunGate) private readonly gate: DryRunGate,
  ) {}

  /** @throws HubError 400 naming the field, 404 for a model or channel that is not there, 429 while another one is under way. */
  async run(input: DryRunPriceInput): Promise<PriceDryRunResult> {
    const span = dryRunSpan(input.from, input.to, new Date());
    const changes = readChanges(input.changes);
    return this.gate.run(async () => {
      await this.requireAll(changes);
      const models = [...new Set(changes.map(({ modelId }) => modelId))];
      const current = strongest(await readStoredPrices(this.sql, models));
      const selling = new PriceOverlay('selling', changes, current);
      const purchase = new PriceOverlay('purchase', changes, current);
      return {
        selling: await repriceTraffic(this.sql, { ...span, models: selling.models }, selling.priceOf),
        purchase: purchase.models.length === 0 ? undefined : await this.repurchase(purchase, span),
        hidden: [...selling.hidden, ...purchase.hidden],
      };
    });
  }

  /** What the operator would have paid for the requests whose purchase price is known. */
  private async repurchase(overlay: PriceOverlay, span: DryRunSpan): Promise<PriceEffect & ReadTraffic> {
    let [requests, cost, newCost] = [0n, 0n, 0n];
    let read: ReadTraffic = { requestsRead: 0, isComplete: true };
    for (const model of overlay.models) {
      const part = await readServedRequests(this.sql, model, span, ({ isCharged, channelId, usage, purchaseCost }) => {
        if (!isCharged) return;
        const price = overlay.priceOf(model, channelId ?? undefined);
        requests++;
        cost += purchaseCost ?? 0n;
        newCost += price === undefined ? (purchaseCost ?? 0n) : boundedCost(price, usage, MULTIPLIER_ONE);
      });
      read = {
        requestsRead: read.requestsRead + part.requestsRead,
        isComplete: read.isComplete && part.isComplete,
      };
    }
    return { requests, cost, newCost, difference: newCost - cost, ...read };
  }

  private async requireAll(changes: readonly WantedChange[]): Promise<void> {
    const models = await readStoredModels(
      this.sql,
      changes.map(({ modelId }) => modelId),
    );
    const channels = await readStoredChannels(
      this.sql,
      changes.flatMap(({ channelId }) => channelId ?? []),
    );
    for (const [index, { modelId, channelId }] of changes.entries()) {
      if (!models.has(modelId)) throw notFound('model', modelId, `changes[${index}].modelId`);
      if (channelId !== undefined && !channels.has(channelId)) {
        throw notFound('channel', channelId, `changes[${index}].channelId`);
      }
    }
  }
}

function readChanges(inputs: readonly PriceChangeInput[]): WantedChange[] {
  if (inputs.length === 0 || inputs.length > CHANGES_MAX) {
    throw invalidRequest(`"changes" must have 1 to ${CHANGES_MAX} entries.`, 'changes');
  }
  return inputs.map(({ modelId, channelId, side, price }, index) => {
    const param = `changes[${index}]`;
    return {
      modelId: checkModelId(modelId, `${param}.modelId`),
      channelId: channelId == null ? undefined : readId('channel', channelId, `${param}.channelId`),
      side,
      price: toDeclaredPrice(price, `${param}.price`),
    };
  });
}
