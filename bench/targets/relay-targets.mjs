// @ts-check

import { fileURLToPath } from 'node:url';
import { startServer, targetCore } from '../processes.mjs';

const JSON_HEADERS = { 'content-type': 'application/json' };
const UPSTREAM_PATH = '/v1/chat/completions';

/**
 * The upstream without anything in front: what the generator can measure at most, and the latency that is not a relay's.
 *
 * @param {{ pid: number, port: number }} upstream
 * @returns {import('./target.mjs').Target}
 */
export function directTarget(upstream) {
  return {
    ...upstream,
    name: 'direct',
    path: UPSTREAM_PATH,
    headers: JSON_HEADERS,
    isRelay: false,
    about: 'the bench upstream itself, no relay; shares its core with the generator',
  };
}

/**
 * @param {{ port: number }} upstream
 * @returns {Promise<import('./target.mjs').Target>}
 */
export async function startBareRelay(upstream) {
  const module = fileURLToPath(import.meta.resolve('../bare-relay.mjs'));
  const server = await startServer(targetCore, module, [`http://127.0.0.1:${upstream.port}`]);
  return {
    ...server,
    name: 'bare',
    path: UPSTREAM_PATH,
    headers: JSON_HEADERS,
    isRelay: true,
    about: 'node:http to undici dispatch, nothing else',
  };
}
