// @ts-check

import {
  BOOKS_OFF,
  FROM_MESSAGES,
  FROM_RESPONSES,
  MANY_CHANNELS,
  PRODUCTION,
  TO_ANTHROPIC,
} from './targets/hub-names.mjs';

/** @typedef {import('./load/types.mjs').LoadResult} LoadResult */
/** @typedef {import('./measure.mjs').Row & { result: LoadResult }} MedianRow */

/**
 * The median of each figure over the rounds; faults are summed.
 *
 * @param {LoadResult[]} rounds
 * @returns {LoadResult}
 */
export function medianResult(rounds) {
  const [first] = rounds;
  if (first === undefined) throw new Error('no round was measured');
  const streams = rounds.flatMap(({ stream }) => (stream === null ? [] : [stream]));
  const uses = rounds.flatMap(({ use }) => (use === null ? [] : [use]));
  const sumOf = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0);
  return {
    requests: sumOf(rounds.map(({ requests }) => requests)),
    perSecond: median(rounds.map(({ perSecond }) => perSecond)) ?? 0,
    latency: medianQuantiles(rounds.map(({ latency }) => latency)),
    failed: sumOf(rounds.map(({ failed }) => failed)),
    failure: rounds.find(({ failure }) => failure !== null)?.failure ?? null,
    stream:
      streams.length === 0
        ? null
        : {
            streams: sumOf(streams.map((stream) => stream.streams)),
            lost: sumOf(streams.map(({ lost }) => lost)),
            duplicated: sumOf(streams.map(({ duplicated }) => duplicated)),
            outOfOrder: sumOf(streams.map(({ outOfOrder }) => outOfOrder)),
            unfinished: sumOf(streams.map(({ unfinished }) => unfinished)),
            eventsPerSecond: median(streams.map(({ eventsPerSecond }) => eventsPerSecond)) ?? 0,
            firstEvent: medianQuantiles(streams.map(({ firstEvent }) => firstEvent)),
            eventDelay: medianQuantiles(streams.map(({ eventDelay }) => eventDelay)),
            gap: medianQuantiles(streams.map(({ gap }) => gap)),
          },
    use:
      uses.length === 0
        ? null
        : {
            targetCpu: median(uses.map(({ targetCpu }) => targetCpu)) ?? 0,
            helperCpu: median(uses.map(({ helperCpu }) => helperCpu)) ?? 0,
            generatorCpu: median(uses.map(({ generatorCpu }) => generatorCpu)) ?? 0,
            databaseCpu: median(uses.map(({ databaseCpu }) => databaseCpu)),
            foreignCpu: median(uses.map(({ foreignCpu }) => foreignCpu)),
            rssBytes: median(uses.map(({ rssBytes }) => rssBytes)) ?? 0,
            rssPeakBytes: Math.max(...uses.map(({ rssPeakBytes }) => rssPeakBytes)),
          },
  };
}

/**
 * @param {MedianRow[]} rows
 * @returns {string[]} one Markdown table, then what its workloads are
 */
export function tableOf(rows) {
  const header = [
    ...[
      'workload',
      'target',
      'req/s',
      'p50 ms',
      'p90 ms',
      'p99 ms',
      'first event p50/p99 ms',
      'event delay p50/p99 ms',
    ],
    ...[
      'gap p50/p99 ms',
      'events/s',
      'streams',
      'lost',
      'CPU',
      'CPU us/req',
      'database CPU us/req',
      'RSS MB',
      'peak MB',
      'helpers CPU',
      'notes',
    ],
  ];
  const cells = rows.map(({ workload, target, result, notes }) => {
    const { latency, stream, use } = result;
    return [
      ...[workload, target, result.perSecond.toFixed(result.perSecond < 100 ? 1 : 0)],
      ...[latency.p50, latency.p90, latency.p99].map(ms),
      ...[stream?.firstEvent, stream?.eventDelay, stream?.gap].map((of) =>
        of === undefined ? '-' : `${ms(of.p50)} / ${ms(of.p99)}`,
      ),
      ...(stream === null
        ? ['-', '-', '-']
        : [stream.eventsPerSecond.toFixed(0), String(stream.streams), faultsOf(stream)]),
      ...(use === null
        ? ['-', '-', '-', '-', '-', '-']
        : [
            percent(use.targetCpu),
            cpuMicros(result).toFixed(0),
            use.databaseCpu === null ? '-' : ((use.databaseCpu / result.perSecond) * 1e6).toFixed(0),
            megabytes(use.rssBytes),
            megabytes(use.rssPeakBytes),
            percent(use.helperCpu),
          ]),
      [...new Set(notes)].join('; '),
    ];
  });
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (/** @type {string[]} */ row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const abouts = new Map(rows.map(({ workload, about }) => [workload, about]));
  return [
    line(header),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...cells.map(line),
    '',
    ...[...abouts].map(([workload, about]) => `${workload}: ${about}`),
  ];
}

/**
 * @typedef {object} Ratio
 * @property {string} text
 * @property {number} value
 * @property {boolean | null} isMet null when there is no target
 */

/**
 * The figures the project promises, with their targets.
 *
 * @param {MedianRow[]} rows
 * @param {{ isEmbedded: boolean }} database of the hub
 * @returns {Ratio[]}
 */
export function ratiosOf(rows, { isEmbedded }) {
  const of = (/** @type {string} */ workload, /** @type {string} */ target) =>
    rows.find((row) => row.workload === workload && row.target === target)?.result;
  /** @type {Ratio[]} */
  const ratios = [];
  const add = (
    /** @type {string} */ text,
    /** @type {number} */ value,
    /** @type {string} */ shown,
    /** @type {boolean | null} */ isMet = null,
  ) => ratios.push({ text: `${text}: ${shown}${isMet === null ? '' : isMet ? ' (met)' : ' (MISSED)'}`, value, isMet });

  for (const workload of ['json', 'sse']) {
    const hub = of(workload, PRODUCTION);
    const booksOff = of(workload, BOOKS_OFF);
    const bare = of(workload, 'bare');
    const portkey = of(workload, 'portkey');
    const isJson = workload === 'json';
    if (hub && bare) {
      const share = hub.perSecond / bare.perSecond;
      add(
        `${workload}: hub / bare req/s${isJson ? ', target >= 60 %' : ''}`,
        share,
        percent(share),
        isJson ? share >= 0.6 : null,
      );
    }
    if (hub?.use && bare?.use) {
      const factor = cpuMicros(bare) / cpuMicros(hub);
      add(
        `${workload}: bare / hub CPU per request (the same ratio, less disturbed by other processes)`,
        factor,
        percent(factor),
      );
    }
    if (hub?.use && booksOff?.use) {
      const share = cpuMicros(booksOff) / cpuMicros(hub);
      // The embedded database works inside the process: its share of the CPU is the hub's own.
      const isPromise = isJson && !isEmbedded;
      add(
        `${workload}: the hub process, throughput per CPU with books / without${isPromise ? ', target >= 70 %' : ''}`,
        share,
        percent(share),
        isPromise ? share >= 0.7 : null,
      );
      const all = hub.perSecond / booksOff.perSecond;
      add(`${workload}: the same in req/s (the database takes its part of the generator's core)`, all, percent(all));
    }
    if (hub && isEmbedded && isJson) {
      add(
        'json: req/s with books on the embedded database, target >= 300',
        hub.perSecond,
        hub.perSecond.toFixed(0),
        hub.perSecond >= 300,
      );
    }
    if (hub && portkey) {
      const factor = hub.perSecond / portkey.perSecond;
      add(
        `${workload}: hub / portkey req/s${isJson ? ', target >= 8x' : ''}`,
        factor,
        `${factor.toFixed(1)}x`,
        isJson ? factor >= 8 : null,
      );
    }
  }
  ratios.push(...pairedRatiosOf(rows));
  for (const target of [PRODUCTION, 'bare']) {
    for (const against of target === PRODUCTION ? ['direct', BOOKS_OFF, 'bare'] : ['direct']) {
      addDelays(of('json-open', target)?.latency, of('json-open', against)?.latency, 'json-open', '');
      addDelays(
        of('sse-open', target)?.stream?.firstEvent,
        of('sse-open', against)?.stream?.firstEvent,
        'sse-open',
        'first event ',
      );
      addDelays(
        of('sse-open', target)?.stream?.eventDelay,
        of('sse-open', against)?.stream?.eventDelay,
        'sse-open',
        'each event ',
      );

      /**
       * @param {import('./load/types.mjs').Quantiles | undefined} own
       * @param {import('./load/types.mjs').Quantiles | undefined} other
       * @param {string} workload
       * @param {string} what
       */
      function addDelays(own, other, workload, what) {
        for (const [quantile, limit] of /** @type {const} */ ([
          ['p50', 0.5],
          ['p99', 3],
        ])) {
          const [ownMs, otherMs] = [own?.[quantile] ?? null, other?.[quantile] ?? null];
          if (ownMs === null || otherMs === null) continue;
          const added = ownMs - otherMs;
          const hasTarget = target === PRODUCTION && against === 'direct' && workload === 'json-open';
          const text = `${workload}: ${target} over ${against}, ${what}added ${quantile}${hasTarget ? `, target <= ${limit} ms` : ''}`;
          add(text, added, `${added.toFixed(3)} ms`, hasTarget ? added <= limit : null);
        }
      }
    }
  }
  const slow = rows.find((row) => row.workload === 'slow' && row.target === PRODUCTION);
  if (slow !== undefined && slow.result.use !== null && slow.result.stream !== null) {
    const peak = slow.result.use.rssPeakBytes;
    const { streams, lost } = slow.result.stream;
    add(
      `slow: hub's peak RSS with ${streams} streams, target <= 400 MB`,
      peak / 1e6,
      `${megabytes(peak)} MB`,
      peak <= 400e6,
    );
    add('slow: events lost by the hub, target 0', lost, String(lost), lost === 0);
  }
  return ratios;
}

/** What routing and translating leave of the throughput. @type {readonly (readonly [target: string, least: number])[]} */
const PAIRS = [
  [MANY_CHANNELS, 0.95],
  [TO_ANTHROPIC, 0.6],
  [FROM_RESPONSES, 0.6],
  [FROM_MESSAGES, 0.6],
];

/**
 * Throughput of what runs in the hub's own process beside it: the median of the ratios of rounds that followed each other. The promise is
 * judged by the processor time of a request, which other processes disturb less.
 *
 * @param {MedianRow[]} rows
 * @returns {Ratio[]}
 */
function pairedRatiosOf(rows) {
  return ['json', 'sse'].flatMap((workload) => {
    const roundsOf = (/** @type {string} */ target) =>
      rows.find((row) => row.workload === workload && row.target === target)?.rounds ?? [];
    return PAIRS.flatMap(([target, least]) => {
      const own = roundsOf(target);
      const hub = roundsOf(PRODUCTION);
      const pairs = own.flatMap((one, round) => {
        const other = hub[round];
        return other === undefined ? [] : [{ own: one, hub: other }];
      });
      const perSecond = median(pairs.map((pair) => pair.own.perSecond / pair.hub.perSecond));
      const perCpu = median(pairs.map((pair) => cpuMicros(pair.hub) / cpuMicros(pair.own)).filter(Number.isFinite));
      if (perSecond === null) return [];
      const value = perCpu ?? perSecond;
      const isMet = value >= least;
      const shown = perCpu === null ? '' : `, per CPU ${percent(perCpu)}`;
      const text = `${workload}: ${target} / ${PRODUCTION}, target >= ${percent(least)}: req/s ${percent(perSecond)}${shown} (${isMet ? 'met' : 'MISSED'})`;
      return [{ text, value, isMet }];
    });
  });
}

/** @param {import('./load/types.mjs').StreamResult} stream */
function faultsOf({ lost, duplicated, outOfOrder, unfinished }) {
  if (duplicated + outOfOrder + unfinished === 0) return String(lost);
  return `${lost} (${duplicated} twice, ${outOfOrder} out of order, ${unfinished} unfinished)`;
}

/** @param {import('./load/types.mjs').Quantiles[]} all */
function medianQuantiles(all) {
  const of = (/** @type {keyof import('./load/types.mjs').Quantiles} */ name) => median(all.map((one) => one[name]));
  return { p50: of('p50'), p90: of('p90'), p99: of('p99'), max: of('max') };
}

/** @param {(number | null)[]} values @returns {number | null} */
function median(values) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** @param {number | null} value */
function ms(value) {
  return value === null ? '-' : value.toFixed(value < 10 ? 2 : 1);
}

/**
 * What one request (or stream) costs. Hardly changes when something else takes part of the core, unlike req/s.
 *
 * @param {LoadResult} result
 */
function cpuMicros({ use, perSecond }) {
  return use === null || perSecond === 0 ? Number.NaN : (use.targetCpu / perSecond) * 1e6;
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(0)} %`;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(0);
}
