import type { Directive } from '../../src/sandbox/faults/directive.js';
import type { FakeUpstream } from './fake-upstream.js';
import type { HubOptions, TestHub } from './hub.js';

type Channel = NonNullable<HubOptions['channels']>[number];

let serial = 0;

/**
 * Declares one channel for each directive, asked in this order. Each has a credential of its own, by which the upstream
 * knows it, and which no test before has sent to rest.
 */
export async function declareScripted(
  hub: TestHub,
  upstream: FakeUpstream,
  directives: readonly (Directive | undefined)[],
): Promise<string[]> {
  const keys = directives.map(() => `sk-test-${String(++serial).padStart(12, '0')}`);
  directives.forEach((directive, i) => {
    upstream.scriptKey(keys[i]!, directive);
  });
  const toChannel = (apiKey: string, i: number): Channel => {
    return { name: `c${i + 1}`, baseUrl: upstream.url, apiKey, priority: keys.length - i };
  };
  await hub.setChannels(keys.map(toChannel));
  return keys;
}

/** The credentials that reached the upstream, in order. */
export function keysSeenBy(upstream: FakeUpstream): (string | undefined)[] {
  return upstream.requests.map(({ headers }) => headers.authorization?.replace('Bearer ', ''));
}
