import type { DeclaredPrice } from '../../common/declared-price.js';
import type { SqlSession } from '../../database/sql.js';
import { addPriceVersion } from '../../pricing/add-price-version.js';
import { advisePrice } from '../../pricing/catalogue/advise-price.js';
import { checkPrice } from '../../pricing/check-price.js';
import { readStoredPrices, strongest } from '../../pricing/current-prices.js';
import { describePrice } from '../../pricing/describe-price.js';
import { sourceKindOf } from '../../pricing/price-source.js';
import { TOPIC_CATALOG } from '../../redis/topics.js';
import { CommandError, type DatabaseCommand, UsageError } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

/** Each option and the part of a price it states. */
const RATES = {
  input: 'inputPerMillion',
  output: 'outputPerMillion',
  cached: 'cachedInputPerMillion',
  'cache-write': 'cacheWritePerMillion',
  reasoning: 'reasoningPerMillion',
  image: 'perImage',
  'video-second': 'perVideoSecond',
  'audio-second': 'perAudioSecond',
  characters: 'perMillionCharacters',
  search: 'perSearch',
  request: 'perRequest',
} as const;

const OPTIONS = {
  input: { type: 'string' },
  output: { type: 'string' },
  cached: { type: 'string' },
  'cache-write': { type: 'string' },
  reasoning: { type: 'string' },
  image: { type: 'string' },
  'video-second': { type: 'string' },
  'audio-second': { type: 'string' },
  characters: { type: 'string' },
  search: { type: 'string' },
  request: { type: 'string' },
  json: { type: 'string' },
  suggested: { type: 'boolean' },
  withdraw: { type: 'boolean' },
  channel: { type: 'string' },
  cost: { type: 'boolean' },
} as const;

const SOURCE = 'operator';

/** Sets what a model costs, as the operator's own word. */
export const priceSet: DatabaseCommand = {
  name: 'price:set',
  usage:
    'MODEL [--input 2.5] [--output 10] [--cached N] [--cache-write N] [--reasoning N] [--image N] [--video-second N] ' +
    '[--audio-second N] [--characters N] [--search N] [--request N] | --json PRICE | --suggested | --withdraw  [--channel NAME] [--cost]',
  summary:
    'state the whole price of a model in credits (tokens, characters: per million); --channel: on that channel alone; --cost: what ' +
    'its vendor asks instead of what callers pay',
  async run({ sql, publish }, { args }) {
    const { values, positionals } = parseArguments(args, OPTIONS, 1);
    const [model] = positionals;
    if (model === undefined) throw new UsageError('MODEL is needed');
    const stated = toPrice(values);
    const side = values.cost ? 'purchase' : 'selling';
    const answer = await sql.transaction(async (session) => {
      await requireModel(session, model);
      const channel = values.channel === undefined ? undefined : await findChannel(session, values.channel);
      const channelId = channel?.id;
      const price = stated === 'suggested' ? requireSuggestion(model, channel?.provider) : stated;
      const isAdded = await addPriceVersion(session, { model, side, channelId, price, source: SOURCE });
      const place = `${side} price of "${model}"${values.channel === undefined ? '' : ` on "${values.channel}"`}`;
      const current = strongest(await readStoredPrices(session)).find(
        (each) => each.model === model && each.side === side && each.channelId === channelId,
      );
      return { isAdded, text: `${toSentence(place, price, isAdded)}${whatApplies(current)}\n` };
    });
    if (answer.isAdded) await publish(TOPIC_CATALOG);
    return { exitCode: 0, stderr: answer.text };
  },
};

type Values = ReturnType<typeof parseArguments<typeof OPTIONS>>['values'];

/** null withdraws, `suggested` is looked up later. */
function toPrice(values: Values): DeclaredPrice | 'suggested' | null {
  const rates = Object.entries(RATES).flatMap(([option, key]) => {
    const value = values[option as keyof typeof RATES];
    return value === undefined ? [] : [[key, value] as const];
  });
  const ways = [rates.length > 0, values.json !== undefined, values.suggested, values.withdraw].filter(Boolean);
  if (ways.length !== 1) throw new UsageError('give either rates, or --json, or --suggested, or --withdraw');
  if (values.withdraw) return null;
  if (values.suggested) return 'suggested';
  const price = values.json === undefined ? Object.fromEntries(rates) : parseJson(values.json);
  const problems = checkPrice(price);
  if (problems.length > 0) {
    throw new UsageError(problems.map(({ path, text }) => `${['price', ...path].join('.')} ${text}`).join('\n'));
  }
  return price as DeclaredPrice;
}

function requireSuggestion(model: string, provider: string | undefined): DeclaredPrice {
  const suggestion = advisePrice(model, provider);
  if (suggestion === undefined) throw new CommandError(`The catalogue knows no price of ${model}.`);
  return suggestion.price;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('--json must be JSON, such as \'{"perImage":"0.04"}\'');
  }
}

async function requireModel(session: SqlSession, model: string): Promise<void> {
  const rows = await session.query('select id from model where id = $1', [model]);
  if (rows.length === 0) throw new CommandError(`There is no model ${model}.`);
}

async function findChannel(session: SqlSession, name: string): Promise<{ id: string; provider: string }> {
  const [row] = await session.query<{ id: string; provider: string }>(
    'select id, provider from channel where name = $1',
    [name],
  );
  if (row === undefined) throw new CommandError(`There is no channel ${name}.`);
  return row;
}

function toSentence(place: string, price: DeclaredPrice | null, isAdded: boolean): string {
  if (!isAdded) return `The ${place} stays as it was.`;
  return price === null ? `The ${place} is withdrawn.` : `The ${place} is now ${describePrice(price)}.`;
}

/** Says so when the operator's word is not the one that counts. */
function whatApplies(current: { readonly source: string; readonly price: DeclaredPrice } | undefined): string {
  if (current === undefined || sourceKindOf(current.source) === SOURCE) return '';
  return ` What applies is that of the ${current.source}: ${describePrice(current.price)}.`;
}
