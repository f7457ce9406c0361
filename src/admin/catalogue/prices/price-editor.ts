import { Inject, Injectable } from '@nestjs/common';
import { readStoredModels } from '../../../channels/own-models.js';
import { readStoredChannels, type StoredChannel } from '../../../channels/stored-channel.js';
import type { DeclaredPrice } from '../../../common/declared-price.js';
import { invalidRequest } from '../../../common/hub-error.js';
import type { SqlSession } from '../../../database/sql.js';
import { writePriceVersion } from '../../../pricing/add-price-version.js';
import { advisePrice } from '../../../pricing/catalogue/advise-price.js';
import { readStoredPrices, type StoredPrice, strongest } from '../../../pricing/current-prices.js';
import { describePrice } from '../../../pricing/describe-price.js';
import { sourceKindOf } from '../../../pricing/price-source.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { readId } from '../../graphql/read-id.js';
import { CatalogueChanges } from '../catalogue-changes.js';
import { checkModelId } from '../check-input.js';
import type { SetPriceInput } from './price.input.js';
import { SetPriceResult } from './price.type.js';
import { currentToNode } from './price-reader.js';
import { toDeclaredPrice } from './to-declared-price.js';

const KIND = 'operator';

/** States prices as operators' own word. */
@Injectable()
export class PriceEditor {
  constructor(@Inject(CatalogueChanges) private readonly changes: CatalogueChanges) {}

  /** @throws HubError 400 naming the field of the price, 404 for a model or channel that is not there. */
  async set(context: AdminContext, input: SetPriceInput): Promise<SetPriceResult> {
    const modelId = checkModelId(input.modelId, 'modelId');
    const channelId = input.channelId == null ? undefined : readId('channel', input.channelId, 'channelId');
    const stated = readStated(input);
    const { side } = input;
    const source = `${KIND}:user:${context.requireActor().userId}`;
    return this.changes.run(context, async (session, trail) => {
      if (!(await readStoredModels(session, [modelId])).has(modelId)) throw notFound('model', modelId, 'modelId');
      const channel = channelId === undefined ? undefined : await findChannel(session, channelId);
      const price = stated === 'suggested' ? requireSuggestion(modelId, channel?.provider) : stated;
      const wanted = { model: modelId, side, channelId, price, source };
      const before = await readHere(session, wanted);
      const isChanged = await writePriceVersion(session, wanted);
      const after = await readHere(session, wanted);
      const result = toResult(isChanged, price, after.applies);
      if (!isChanged) return trail.refuse(result);
      trail.changed({
        action: price === null ? 'price.withdraw' : 'price.set',
        kind: 'price',
        id: [modelId, side, channelId ?? 'all'].join(':'),
        before: { stated: before.own?.price ?? null, applies: before.applies?.price ?? null },
        after: { stated: price, applies: after.applies?.price ?? null },
      });
      return result;
    });
  }
}

/** null withdraws. */
function readStated({ price, suggested, withdraw }: SetPriceInput): DeclaredPrice | 'suggested' | null {
  if ([price != null, suggested, withdraw].filter(Boolean).length !== 1) {
    throw invalidRequest('Give exactly one of "price", "suggested" and "withdraw".', 'price');
  }
  if (withdraw) return null;
  return price == null ? 'suggested' : toDeclaredPrice(price, 'price');
}

function requireSuggestion(model: string, provider: string | undefined): DeclaredPrice {
  const suggestion = advisePrice(model, provider);
  if (suggestion === undefined) {
    throw invalidRequest(`The catalogue knows no price of "${model}"; state one.`, 'suggested', 'no_suggestion');
  }
  return suggestion.price;
}

async function findChannel(session: SqlSession, id: string): Promise<StoredChannel> {
  const channel = (await readStoredChannels(session, [id])).get(id);
  if (channel === undefined || channel.removedAt !== null) throw notFound('channel', id, 'channelId');
  return channel;
}

/** What is said of exactly this model, side and channel: by operators, and by the strongest. */
async function readHere(
  session: SqlSession,
  { model, side, channelId }: Pick<StoredPrice, 'model' | 'side' | 'channelId'>,
): Promise<{ own: StoredPrice | undefined; applies: StoredPrice | undefined }> {
  const stored = await readStoredPrices(session, [model]);
  const here = stored.filter((price) => price.side === side && price.channelId === channelId);
  return { own: here.find(({ source }) => sourceKindOf(source) === KIND), applies: strongest(here)[0] };
}

function toResult(isChanged: boolean, price: DeclaredPrice | null, applies: StoredPrice | undefined): SetPriceResult {
  const said = !isChanged
    ? 'Nothing has changed: operators had said this already.'
    : price === null
      ? 'What operators had said is withdrawn.'
      : `The price is stated: ${describePrice(price)}.`;
  const isHidden = applies !== undefined && sourceKindOf(applies.source) !== KIND;
  const what = isHidden ? ` What applies is that of the ${applies.source}: ${describePrice(applies.price)}.` : '';
  return Object.assign(new SetPriceResult(), {
    isChanged,
    applies: applies === undefined ? null : currentToNode(applies),
    message: said + what,
  });
}
