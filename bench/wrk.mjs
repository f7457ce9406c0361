// @ts-check

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { helperCore } from './processes.mjs';
import { jsonBody } from './requests.mjs';

const SPARE_MS = 10_000;

/**
 * Lets wrk send the JSON requests, as a check on our own generator.
 *
 * @param {import('./targets/target.mjs').Target} target
 * @param {number} connections
 * @param {number} durationMs
 * @returns {Promise<import('./load/types.mjs').LoadResult>}
 */
export async function runWrk({ port, path, headers }, connections, durationMs) {
  const directory = mkdtempSync(join(tmpdir(), 'hub-bench-wrk-'));
  try {
    const script = join(directory, 'post.lua');
    const headerLines = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = "${value}"\n`);
    writeFileSync(script, `wrk.method = "POST"\n${headerLines.join('')}wrk.body = [[${jsonBody}]]\n`, { mode: 0o600 });
    const seconds = Math.ceil(durationMs / 1e3);
    const wrk = [
      'wrk',
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '--latency',
      '-s',
      script,
      `http://127.0.0.1:${port}${path}`,
    ];
    const [program = '', ...args] = helperCore === null ? wrk : ['taskset', '-c', String(helperCore), ...wrk];
    const { stdout } = await promisify(execFile)(program, args, { timeout: durationMs + SPARE_MS });
    return resultOf(stdout);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
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
