import { modelTypeOf } from '../../capabilities/model-type.js';
import { formatCredits } from '../../common/credits.js';
import type { DeclaredPrice } from '../../common/declared-price.js';
import { suggestPrice } from '../../pricing/catalogue/suggest-price.js';
import { checkPrice } from '../../pricing/check-price.js';
import type { Provider } from '../../providers/provider.js';
import type { SourceData } from '../source/read-source.js';
import { builtInCompletion } from './completion-ratio.js';
import { divide, type Fraction, isEqual, multiply, timesUp } from './fraction.js';
import type { PlannedChannel, PlannedPrice } from './import-plan.js';
import type { Notes } from './notes.js';
import { priceOfCall } from './price-of-call.js';
import { priceOfExpression } from './price-of-expression.js';
import type { QuotaRate } from './quota-rate.js';
import { readRatios } from './read-ratios.js';
import { jsonObjectOf, plainText } from './row-values.js';

const NANO_PER_CREDIT = 1_000_000_000n;
const TOKENS_PER_MILLION = 1_000_000n;
const ONE: Fraction = { numerator: 1n, denominator: 1n };
const EXPRESSION_CHARS_SHOWN = 200;
const CACHE_WRITE: Fraction = { numerator: 5n, denominator: 4n };
/** A second of sound, as a part of a million: 1,000 quota a minute. */
const PER_SECOND: Fraction = { numerator: 1n, denominator: 60_000n };

interface Ratios {
  readonly model?: ReadonlyMap<string, Fraction>;
  readonly completion?: ReadonlyMap<string, Fraction>;
  readonly cache?: ReadonlyMap<string, Fraction>;
  readonly cacheWrite?: ReadonlyMap<string, Fraction>;
  /** Of tokens of pictures in a prompt, against others. */
  readonly image?: ReadonlyMap<string, Fraction>;
  /** Of tokens of sound in a prompt, against others. */
  readonly audio?: ReadonlyMap<string, Fraction>;
  /** Of tokens of sound in an answer, against those in a prompt. */
  readonly audioCompletion?: ReadonlyMap<string, Fraction>;
  /** US dollars a request. */
  readonly price?: ReadonlyMap<string, Fraction>;
}

/**
 * Prices of the models that the channels serve. ModelRatio 1 is one quota a token: with 500000 quota a dollar, 2 dollars a
 * million tokens; output is that times CompletionRatio. ModelPrice is dollars a request. A group's ratio is no part of it.
 */
export function planPrices(
  data: SourceData,
  channels: readonly PlannedChannel[],
  providers: readonly Provider[],
  rate: QuotaRate,
  notes: Notes,
): PlannedPrice[] {
  const isNewApi = data.product === 'new-api';
  const read = (name: string) => readRatios(data.options, name, notes);
  const ratios: Ratios = {
    model: read('ModelRatio'),
    completion: read('CompletionRatio'),
    cache: isNewApi ? read('CacheRatio') : undefined,
    cacheWrite: isNewApi ? read('CreateCacheRatio') : undefined,
    image: isNewApi ? read('ImageRatio') : undefined,
    audio: isNewApi ? read('AudioRatio') : undefined,
    audioCompletion: isNewApi ? read('AudioCompletionRatio') : undefined,
    price: isNewApi ? read('ModelPrice') : undefined,
  };
  if (ratios.model === undefined) {
    notes.warn(
      'prices',
      'the database has no ModelRatio that can be read (it is stored when somebody saves the settings there)',
    );
  }
  if (isNewApi && ratios.model !== undefined && ratios.cache === undefined) {
    notes.warn('prices', 'the database has no CacheRatio that can be read: cached tokens cost as other input');
  }
  const expressions = isNewApi ? expressionsIn(data.options) : new Map<string, string>();
  const models = [...new Set(channels.flatMap((channel) => [...channel.models.keys()]))].sort();
  return models.flatMap((model) => {
    const expression = expressions.get(model);
    const price =
      expression === undefined
        ? toPrice(model, ratios, { data, channels, providers, rate, notes })
        : expressedPrice(model, expression, notes);
    if (price === undefined) return [];
    if (checkPrice(price).length > 0) {
      notes.warn(`model "${model}"`, 'has no price: its ratio is beyond what a price can be');
      return [];
    }
    return [{ model, price }];
  });
}

interface PriceContext {
  readonly data: SourceData;
  readonly channels: readonly PlannedChannel[];
  readonly providers: readonly Provider[];
  readonly rate: QuotaRate;
  readonly notes: Notes;
}

function toPrice(model: string, ratios: Ratios, context: PriceContext): DeclaredPrice | undefined {
  const perRequest = ratios.price?.get(model);
  if (perRequest !== undefined) return calledPrice(model, perRequest, context);
  const ratio = ratios.model?.get(model);
  if (ratio === undefined) return suggested(model, context);
  const { data, notes, rate } = context;
  if (ratio.numerator === 0n) notes.warn(`model "${model}"`, 'has the ratio 0: it is free');
  const perMillion = (factor: Fraction) =>
    formatCredits(timesUp(divide(multiply(ratio, factor), rate.perCredit), TOKENS_PER_MILLION * NANO_PER_CREDIT));
  noteMedia(model, ratios, notes);
  const sound = priceOfSound(model, ratios, data.product, perMillion);
  if (sound !== undefined) return sound;
  const cache = ratios.cache?.get(model);
  const cacheWrite = cacheWriteOf(model, ratios, data.product, notes);
  return {
    inputPerMillion: perMillion(ONE),
    outputPerMillion: perMillion(completionOf(model, data, ratios.completion?.get(model), notes)),
    ...(cache === undefined ? {} : { cachedInputPerMillion: perMillion(cache) }),
    ...(cacheWrite === undefined ? {} : { cacheWritePerMillion: perMillion(cacheWrite) }),
  };
}

function calledPrice(model: string, dollars: Fraction, { channels, providers, notes }: PriceContext): DeclaredPrice {
  const channel = channels.find(({ models }) => models.has(model));
  const provider = providers.find(({ id }) => id === channel?.provider);
  const called = { name: model, upstreamModel: channel?.models.get(model) ?? model, provider };
  const { price, inexact } = priceOfCall(called, dollars);
  if (inexact !== undefined) notes.warn(`model "${model}"`, inexact);
  return price;
}

/** Models whose price new-api reckons by an expression, whatever their ratio says. */
function expressionsIn(options: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const read = (name: string) => jsonObjectOf(options.get(`billing_setting.${name}`) ?? '') ?? {};
  const texts = new Map(Object.entries(read('billing_expr')));
  const models = Object.entries(read('billing_mode')).filter(([, mode]) => mode === 'tiered_expr');
  return new Map(models.map(([model]) => [model, String(texts.get(model) ?? '')]));
}

function expressedPrice(model: string, expression: string, notes: Notes): DeclaredPrice | undefined {
  const { price, inexact } = priceOfExpression(expression) ?? {};
  const subject = `model "${model}"`;
  if (price === undefined) {
    const said = plainText(expression, EXPRESSION_CHARS_SHOWN);
    notes.warn(subject, `has no price: set one with price:set for what its expression there says (${said})`);
  }
  if (inexact !== undefined) notes.warn(subject, inexact);
  return price;
}

/** new-api takes 1.25 where its options say nothing; only Claude tells such tokens apart. */
function cacheWriteOf(
  model: string,
  ratios: Ratios,
  product: SourceData['product'],
  notes: Notes,
): Fraction | undefined {
  const stored = ratios.cacheWrite?.get(model);
  if (stored !== undefined || product !== 'new-api' || !model.includes('claude')) return stored;
  notes.warn(`model "${model}"`, 'has no CreateCacheRatio; 1.25, which is built into new-api, was taken');
  return CACHE_WRITE;
}

/** Ratios of pictures and sound that stand beside text, for which there is no price here. */
function noteMedia(model: string, { image, audio, audioCompletion }: Ratios, notes: Notes): void {
  const isOther = (ratio: Fraction | undefined) => ratio !== undefined && !isEqual(ratio, ONE);
  const picture = image?.get(model);
  if (picture !== undefined && isOther(picture)) {
    const text = `has the ImageRatio ${textOf(picture)}, which was not taken: tokens of pictures cost as others`;
    notes.warn(`model "${model}"`, text);
  }
  if (modelTypeOf(model) === 'speech') {
    const isCounted = audioCompletion !== undefined && audioCompletion.get(model)?.numerator !== 0n;
    if (model.startsWith('tts') && isCounted)
      notes.warn(`model "${model}"`, 'costs the minutes of its sound there as well, which was not taken');
    return;
  }
  // What is written down is paid by other tokens, or by the minute.
  if (modelTypeOf(model) === 'transcription') return;
  if (isOther(audio?.get(model)) || isOther(audioCompletion?.get(model))) {
    notes.warn(`model "${model}"`, 'has a ratio for sound, which was not taken: tokens of sound cost as others');
  }
}

/**
 * What the products' quota is counted by where it is no tokens: characters of text for `tts`; of sound, 1,000 a minute in new-api, in
 * one-api the tokens of the transcript. https://github.com/QuantumNous/new-api, service; https://github.com/songquanpeng/one-api,
 * relay/controller/audio.go
 */
function priceOfSound(
  model: string,
  { audio, audioCompletion }: Ratios,
  product: SourceData['product'],
  perMillion: (factor: Fraction) => string,
): DeclaredPrice | undefined {
  if (model.startsWith('tts')) return { perMillionCharacters: perMillion(ONE) };
  if (modelTypeOf(model) === 'speech' && audio !== undefined) {
    // All that it answers is sound.
    const output = multiply(audio.get(model) ?? ONE, audioCompletion?.get(model) ?? ONE);
    return { inputPerMillion: perMillion(ONE), outputPerMillion: perMillion(output) };
  }
  if (!model.startsWith('whisper')) return undefined;
  return product === 'new-api' ? { perAudioSecond: perMillion(PER_SECOND) } : { outputPerMillion: perMillion(ONE) };
}

function completionOf(model: string, { product }: SourceData, stored: Fraction | undefined, notes: Notes): Fraction {
  const { ratio, isFixed } = builtInCompletion(product, model);
  const subject = `model "${model}"`;
  if (stored === undefined) {
    notes.warn(subject, `has no CompletionRatio; ${textOf(ratio)}, which is built into ${product}, was taken`);
    return ratio;
  }
  if (isFixed && !isEqual(stored, ratio)) {
    notes.warn(
      subject,
      `has the CompletionRatio ${textOf(stored)}, but ${product} charges ${textOf(ratio)}, which was taken`,
    );
    return ratio;
  }
  return stored;
}

/** The hub's own catalogue, which is advice, where the database says nothing. */
function suggested(model: string, { channels, notes }: PriceContext): DeclaredPrice | undefined {
  const channel = channels.find(({ models }) => models.has(model));
  const suggestion = suggestPrice(channel?.models.get(model) ?? model, channel?.provider);
  if (suggestion === undefined) {
    notes.warn(`model "${model}"`, 'has no price, so that nobody is served: set one with price:set');
    return undefined;
  }
  notes.warn(
    `model "${model}"`,
    `has no ratio; the list price of ${suggestion?.asOf} was taken: ${suggestion?.source}`,
  );
  return suggestion.price;
}

function textOf({ numerator, denominator }: Fraction): string {
  return numerator % denominator === 0n
    ? String(numerator / denominator)
    : String(Number(numerator) / Number(denominator));
}
