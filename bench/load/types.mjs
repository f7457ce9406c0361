// @ts-check
// Shapes that cross the process boundary between the runner and the load generator. Types only.

/**
 * @typedef {object} Quantiles milliseconds; null when nothing was measured
 * @property {number | null} p50
 * @property {number | null} p90
 * @property {number | null} p99
 * @property {number | null} max
 */

/**
 * @typedef {object} LoadCommand
 * @property {number} port of the measured server on 127.0.0.1
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {string} body
 * @property {'chat' | 'responses' | 'messages'} format of the events of a stream
 * @property {'closed' | 'open'} mode closed: each connection sends again when answered; open: a fixed rate, whatever happens
 * @property {number} connections
 * @property {number} [rate] requests per second, open mode
 * @property {number} warmupMs sent and checked, not recorded
 * @property {number} durationMs of the measured window
 * @property {number} [sendMs] open mode: no new requests after this part of the window; default all of it
 * @property {number} drainMs how long requests still under way at the end may take
 * @property {number} [events] content events expected in each stream; absent for JSON answers
 * @property {number[]} watchPids roots of the process trees whose CPU and memory are read: the measured one first, then helpers
 * @property {number | null} databasePid root of the database's processes, which are among the helpers; null when there is none
 * @property {{ target: number, helpers: number } | null} cores of the measured process and of all others; null when not pinned
 */

/**
 * @typedef {object} LoadResult
 * @property {number} requests answered with 200 and complete within the window
 * @property {number} perSecond
 * @property {Quantiles} latency whole answer; open mode counts from the intended send time
 * @property {number} failed answers other than 200, broken connections and requests without an end
 * @property {string | null} failure the first failure, in words
 * @property {StreamResult | null} stream
 * @property {MachineUse | null} use null where the system has no /proc
 */

/**
 * @typedef {object} StreamResult
 * @property {number} streams checked to their end, warm-up included
 * @property {number} eventsPerSecond
 * @property {number} lost
 * @property {number} duplicated
 * @property {number} outOfOrder
 * @property {number} unfinished streams without `[DONE]`, or what their format ends with
 * @property {Quantiles} firstEvent from the (intended) send time to the first content event
 * @property {Quantiles} eventDelay from the upstream's write to the client's read
 * @property {Quantiles} gap between consecutive events of a stream
 */

/**
 * @typedef {object} MachineUse CPU as a share of one core, 1 = all of it
 * @property {number} targetCpu
 * @property {number} helperCpu generator, upstream and database together
 * @property {number} generatorCpu
 * @property {number | null} databaseCpu null when no database server was started
 * @property {number | null} foreignCpu used on either core by anything else, the larger of the two; null when not pinned
 * @property {number} rssBytes of the target at the end of the window
 * @property {number} rssPeakBytes of the target within the window
 */

export {};
