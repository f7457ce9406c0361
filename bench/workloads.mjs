// @ts-check

import { jsonBody, streamBody } from './requests.mjs';

const STREAM_EVENTS = 50;
const STREAM_GAP_MS = 1;
// Each stream waits most of its time: so many are needed to keep a relay busy.
const STREAMS_PER_CONNECTION = 2;
const SLOW_GAP_MS = 1000;
const SLOW_RAMP_MS = 2000;
const DRAIN_MS = 5000;
const OPEN_CONNECTIONS = 256;
const FIRST_WARMUP_FACTOR = 1.5;
/** Part of the hub's own capacity at which latency is compared. */
export const OPEN_LOAD = 0.3;

/**
 * @typedef {object} Workload
 * @property {string} id
 * @property {string} about
 * @property {boolean} once slow streams are long enough that one round tells all
 * @property {string | null} capacityOf the closed workload whose result sets this one's rate
 * @property {(round: number, rate: number) => Omit<import('./load/types.mjs').LoadCommand, 'port' | 'path' | 'headers' | 'watchPids' | 'databasePid' | 'cores'>} commandOf
 */

/**
 * @param {import('./options.mjs').Options} options
 * @returns {Workload[]}
 */
export function workloadsOf({ workloads, connections, streams, times }) {
  const timesOf = (/** @type {number} */ round) => ({
    // A process meets its first load of a kind cold: more time to compile and to open its connections.
    warmupMs: times.warmupMs * (round === 0 ? FIRST_WARMUP_FACTOR : 1),
    durationMs: times.durationMs,
    drainMs: DRAIN_MS,
  });
  const stream = { body: streamBody(STREAM_EVENTS, STREAM_GAP_MS), events: STREAM_EVENTS };
  const streamsAtOnce = connections * STREAMS_PER_CONNECTION;
  const rampMs = Math.min(SLOW_RAMP_MS, streams * 10);

  /** @type {Workload[]} */
  const all = [
    {
      id: 'json',
      about: `closed loop, ${connections} connections, 621-byte JSON answers`,
      once: false,
      capacityOf: null,
      commandOf: (round) => ({ mode: 'closed', connections, body: jsonBody, ...timesOf(round) }),
    },
    {
      id: 'json-open',
      about: 'the same requests at a fixed rate, latency from the intended send time',
      once: false,
      capacityOf: 'json',
      commandOf: (round, rate) => ({
        mode: 'open',
        rate,
        connections: OPEN_CONNECTIONS,
        body: jsonBody,
        ...timesOf(round),
      }),
    },
    {
      id: 'sse',
      about: `closed loop, ${streamsAtOnce} streams at once, ${STREAM_EVENTS} events each, ${STREAM_GAP_MS} ms apart`,
      once: false,
      capacityOf: null,
      commandOf: (round) => ({ mode: 'closed', connections: streamsAtOnce, ...stream, ...timesOf(round) }),
    },
    {
      id: 'sse-open',
      about: 'the same streams at a fixed rate; req/s counts streams',
      once: false,
      capacityOf: 'sse',
      commandOf: (round, rate) => ({ mode: 'open', rate, connections: OPEN_CONNECTIONS, ...stream, ...timesOf(round) }),
    },
    {
      id: 'slow',
      about: `${streams} streams at once, ${times.slowEvents} events each, ${SLOW_GAP_MS} ms apart`,
      once: true,
      capacityOf: null,
      commandOf: () => ({
        mode: 'open',
        rate: streams / (rampMs / 1e3),
        connections: streams,
        body: streamBody(times.slowEvents, SLOW_GAP_MS),
        events: times.slowEvents,
        warmupMs: 0,
        sendMs: rampMs,
        durationMs: rampMs + times.slowEvents * SLOW_GAP_MS,
        drainMs: DRAIN_MS,
      }),
    },
  ];
  return all.filter((workload) => workloads.includes(workload.id));
}
