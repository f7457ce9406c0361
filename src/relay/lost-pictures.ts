import { Inject, Injectable, Logger } from '@nestjs/common';
import { bookLateSuccess } from '../billing/book-late-success.js';
import { boundedCost } from '../billing/bounded-cost.js';
import { LEDGER_SQL, type Sql } from '../database/sql.js';
import { lostPicturesAlert } from '../jobs/late/late-trouble.js';
import { type BillableUsage, NO_USAGE } from '../pricing/billable-usage.js';
import { MULTIPLIER_ONE } from '../pricing/cost-of.js';
import type { ImagesRequest } from '../providers/canonical/images.js';
import { ModelCatalog } from '../routing/model-catalog.js';
import type { Attempt } from './attempt.js';
import type { RelayRun } from './relay-run.js';

/** Books pictures that came with their answer and reached nobody. Those of a task are booked by whoever follows it. */
@Injectable()
export class LostPictures {
  private readonly logger = new Logger(LostPictures.name);

  constructor(
    @Inject(LEDGER_SQL) private readonly sql: Sql,
    @Inject(ModelCatalog) private readonly catalog: ModelCatalog,
  ) {}

  /**
   * Books what an attempt has made and nobody can be given, as far as the run's usage says it: the operator pays for it all the same.
   * Never throws: its caller is to be told why there are no pictures.
   */
  async book(run: RelayRun, { candidate, model }: Attempt, request: ImagesRequest): Promise<void> {
    const { requestId } = run.context;
    const { channel } = candidate;
    const price = this.catalog.table.prices.purchase(model.id, channel.id)?.price;
    if (price === undefined) return;
    const { images = 0, inputTokens = 0, outputTokens = 0 } = run.usage ?? {};
    // The tokens of the prompt are on the bill of a request whose client has left.
    const made = { images, inputTokens: run.isAborted ? 0 : inputTokens, outputTokens };
    const purchaseCost = boundedCost(price, { ...NO_USAGE, ...askedOf(request), ...made }, MULTIPLIER_ONE);
    const holdId = requestId.slice('req_'.length);
    const late = {
      id: holdId,
      purchaseCost,
      actor: 'relay',
      reason: `Pictures of ${model.id} that could not be handed over`,
      alert: lostPicturesAlert({ holdId, channelId: channel.id, channel: channel.name }, purchaseCost),
    };
    try {
      await this.sql.transaction((session) => bookLateSuccess(session, late));
    } catch (error) {
      this.logger.error(`The loss by ${requestId} could not be booked: ${error}`);
    }
  }
}

/** What of a request the prices of pictures go by. */
export function askedOf({ source }: Pick<ImagesRequest, 'source'>): Pick<BillableUsage, 'imageSize' | 'imageQuality'> {
  const { size, quality } = source.value;
  return {
    imageSize: typeof size === 'string' ? size : undefined,
    imageQuality: typeof quality === 'string' ? quality : undefined,
  };
}
