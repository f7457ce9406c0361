// @ts-check

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { helperCore, start } from './processes.mjs';
import { jsonBody } from './requests.mjs';

const SPARE_MS = 10_000;

/**
 * Lets wrk send the JSON requests, as a check on our own generator.
 *
 * @param {import('./targets/target.mjs').Target} target
 * @param {number} connections
 * @param {number} durationMs
 * @param {string} directory for the script that wrk reads
 * @returns {Promise<import('./load/types.mjs').LoadResult>}
 */
export async function runWrk({ name, port, path, headers }, connections, durationMs, directory) {
  const script = join(directory, `${name.replaceAll(/\W+/g, '-')}.lua`);
  const headerLines = Object.entries(headers).map(([header, value]) => `wrk.headers["${header}"] = "${value}"\n`);
  writeFileSync(script, `wrk.method = "POST"\n${headerLines.join('')}wrk.body = [[${jsonBody}]]\n`, { mode: 0o600 });
  const url = `http://127.0.0.1:${port}${path}`;
  const command = [
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${Math.ceil(durationMs / 1e3)}s`,
    '--latency',
    '-s',
    script,
    url,
  ];
  const child = start(helperCore, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(durationMs + SPARE_MS) });
  const [output, [code]] = await Promise.all([child.stdout === null ? '' : text(child.stdout), ended]);
  if (code !== 0) throw new Error(`wrk ended with ${code}: is it installed?`);
  return resultOf(output);
}

/** @param {string} output @returns {import('./load/types.mjs').LoadResult} */
function resultOf(output) {
  const quantile = (/** @type {number} */ percent) => {
    const match = new RegExp(`^ +${percent}% +([\\d.]+)(us|ms|s)$`, 'm').exec(output);
    const unit = { us: 1e-3, ms: 1, s: 1e3 }[match?.[2] ?? ''];
    return unit === undefined ? null : Number(match?.[1]) * unit;
  };
  const faults = /Non-2xx or 3xx responses: (\d+)/.exec(output);
  return {
    requests: Number(/(\d+) requests in/.exec(output)?.[1] ?? 0),
    perSecond: Number(/Requests\/sec: +([\d.]+)/.exec(output)?.[1] ?? 0),
    latency: { p50: quantile(50), p90: quantile(90), p99: quantile(99), max: null },
    failed: Number(faults?.[1] ?? 0),
    failure: faults?.[0] ?? null,
    stream: null,
    use: null,
  };
}
