// @ts-check

import { parts } from './parts.mjs';
import { ACCOUNTS, CHANNELS, DAYS, MODELS } from './traffic-texts.mjs';

const DAY_MS = 86_400_000;
const DASHBOARD_MS = 200;
const PAGE_MS = 50;

/**
 * @typedef {object} Query
 * @property {string} name
 * @property {number} budgetMs
 * @property {(session: any) => Promise<any>} run with parameters of its own each time
 * @property {number} [times]
 */

const below = (/** @type {number} */ end) => Math.floor(Math.random() * end);

/**
 * Everything an operator's dashboard and lists ask.
 *
 * @param {Date} end the last moment of the seed
 * @returns {Promise<Query[]>}
 */
export async function queries(end) {
  const { readUsageTotals, readUsageSeries, readUsageGroups } = await parts();
  const spans = [
    { name: '24 h', from: new Date(end.getTime() - DAY_MS), to: end },
    { name: '30 days', from: new Date(end.getTime() - 30 * DAY_MS), to: end },
  ];
  /** The account with the most usage, which is the worst case, and any. */
  const accounts = [
    { name: 'greatest account', id: () => '1000' },
    { name: 'any account', id: () => String(1000 + below(ACCOUNTS)) },
  ];
  /** @type {Query[]} */
  const list = [];
  const add = (/** @type {string} */ name, /** @type {Query['run']} */ run) =>
    list.push({ name, budgetMs: DASHBOARD_MS, run });
  for (const { name, from, to } of spans) {
    add(`totals, ${name}`, (s) => readUsageTotals(s, { from, to }));
    for (const bucket of ['hour', 'day'])
      add(`series by ${bucket}, ${name}`, (s) => readUsageSeries(s, { from, to }, bucket));
    for (const by of ['model', 'channel', 'account', 'userIdentifier', 'key', 'endpoint', 'outcome']) {
      add(`by ${by}, ${name}`, (s) => readUsageGroups(s, { from, to }, { by, orderBy: 'cost', limit: 100 }));
    }
    add(`by user by requests, ${name}`, (s) =>
      readUsageGroups(s, { from, to }, { by: 'userIdentifier', orderBy: 'requests', limit: 10 }),
    );
    add(`of a model by channel, ${name}`, (s) =>
      readUsageGroups(s, { from, to, model: `model-${below(MODELS)}` }, { by: 'channel', orderBy: 'cost', limit: 20 }),
    );
    for (const account of accounts) {
      const scope = () => ({ from, to, accountId: account.id() });
      add(`totals of ${account.name}, ${name}`, (s) => readUsageTotals(s, scope()));
      add(`series by hour of ${account.name}, ${name}`, (s) => readUsageSeries(s, scope(), 'hour'));
      for (const by of ['model', 'key', 'userIdentifier', 'outcome']) {
        add(`by ${by} of ${account.name}, ${name}`, (s) =>
          readUsageGroups(s, scope(), { by, orderBy: 'cost', limit: 100 }),
        );
      }
    }
    add(`totals of a key, ${name}`, (s) => readUsageTotals(s, { from, to, keyId: String(1 + below(ACCOUNTS * 3)) }));
  }
  return [...list, ...(await lists(end)), ...(await dryRuns(end))];
}

/** @param {Date} end @returns {Promise<Query[]>} */
async function lists(end) {
  const { listRequests, listUsageEvents, listEntries, listHolds } = await parts();
  const moment = () => new Date(end.getTime() - Math.random() * DAYS * DAY_MS);
  /** A place anywhere in the list. */
  const uuid = () => {
    const hex = `${moment().getTime().toString(16).padStart(12, '0')}70008${'f'.repeat(15)}`;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
  const cursor = (/** @type {string[]} */ values) => Buffer.from(JSON.stringify(values)).toString('base64url');
  const account = () => String(1000 + below(ACCOUNTS));
  /** @type {[string, () => object][]} */
  const filters = [
    ['nothing', () => ({})],
    ['any account', () => ({ accountId: account() })],
    ['greatest account', () => ({ accountId: '1000' })],
    ['a key', () => ({ keyId: String(1 + below(ACCOUNTS * 3)) })],
    ['a model', () => ({ model: `model-${below(MODELS)}` })],
    ['a channel', () => ({ channelId: String(1 + below(CHANNELS)) })],
    ['failed', () => ({ outcome: 'failed' })],
    ['swept', () => ({ outcome: 'swept' })],
    ['an end user', () => ({ accountId: '1000', userIdentifier: `user-${below(10_000)}` })],
    [
      'a day',
      () => {
        const from = moment();
        return { from, to: new Date(from.getTime() + DAY_MS) };
      },
    ],
    [
      'account, model, channel',
      () => ({ accountId: '1000', model: `model-${below(MODELS)}`, channelId: String(1 + below(CHANNELS)) }),
    ],
    ['account and failed', () => ({ accountId: account(), outcome: 'failed' })],
    ['channel and failed', () => ({ channelId: String(1 + below(CHANNELS)), outcome: 'failed' })],
    ['model and channel that never meet', () => ({ model: 'model-0', channelId: '9' })],
    ['a name that is not there', () => ({ model: `%' or 1=1 --` })],
  ];
  /** @type {[string, () => object][]} */
  const requestFilters = [
    ...filters,
    ['state released', () => ({ state: 'released' })],
    ['state open', () => ({ state: 'open' })],
    ['kind video', () => ({ kind: 'video' })],
    ['cost above all', () => ({ costMin: 10n ** 12n })],
    ['cost between', () => ({ costMin: 20_000n, costMax: 20_100n, accountId: '1000' })],
  ];
  /** @type {[string, () => object][]} */
  const entryFilters = [
    ['nothing', () => ({})],
    ['any account', () => ({ accountId: account() })],
    ['greatest account', () => ({ accountId: '1000' })],
    ['grants', () => ({ kind: 'grant' })],
    ['grants of the greatest account', () => ({ kind: 'grant', accountId: '1000' })],
    ['settlements of an account', () => ({ kind: 'settle', accountId: account() })],
    [
      'a day',
      () => {
        const from = moment();
        return { from, to: new Date(from.getTime() + DAY_MS) };
      },
    ],
    ['a reference', () => ({ ref: `grant ${1 + below(20_000)}` })],
  ];
  /** @type {Query[]} */
  const list = [];
  const add = (/** @type {string} */ name, /** @type {Query['run']} */ run) =>
    list.push({ name, budgetMs: PAGE_MS, run });
  const order = () => (below(2) === 0 ? 'newest' : 'oldest');
  const page = (/** @type {string[]} */ place) => ({ first: 100, after: cursor(place), order: order() });
  add('requests: first page', (s) => listRequests(s, {}, { first: 100 }));
  for (const [name, filter] of requestFilters)
    add(`requests: ${name}`, (s) => listRequests(s, filter(), page([uuid()])));
  for (const [name, filter] of requestFilters.slice(-5))
    add(`holds: ${name}`, (s) => listHolds(s, filter(), page([uuid()])));
  for (const [name, filter] of filters)
    add(`events: ${name}`, (s) => listUsageEvents(s, filter(), page([uuid(), '0'])));
  for (const [name, filter] of entryFilters) {
    // A time and a place that have nothing to do with each other give an empty page, so days begin at the first.
    add(`entries: ${name}`, (s) =>
      listEntries(s, filter(), name === 'a day' ? { first: 100 } : page([String(below(9_000_000))])),
    );
  }
  return list;
}

/** @param {Date} end @returns {Promise<Query[]>} */
async function dryRuns(end) {
  const { repriceTraffic, parsePrice } = await parts();
  const price = parsePrice({ inputPerMillion: '0.004', outputPerMillion: '0.02' });
  const from = new Date(end.getTime() - DAY_MS);
  return [
    ['a usual model', 'model-20'],
    ['the greatest model', 'model-0'],
  ].map(([name, model]) => ({
    name: `dry run of a price, a day of ${name}`,
    budgetMs: 10_000,
    times: 3,
    run: (session) => repriceTraffic(session, { from, to: end, models: [model] }, () => price),
  }));
}
