import type { ModelCapabilities } from '../channels/model-routing.js';
import { modelKeys } from './model-keys.js';
import { OWN_FACTS, type OwnFact } from './own-facts.js';
import { packageFacts } from './package-facts.js';

const NOTHING: ModelCapabilities = Object.freeze({});

/**
 * What a model can do as far as anybody has written it down; a field that nobody knows is left out, and nothing is guessed. It is what an
 * operator's own word (`routing.capabilities` of a model) stands over.
 *
 * Windows and features come from the package `llm-zoo`, announced ends and sizes of pictures from a table of our own. Takes a
 * microsecond or two; the package is read at the first call.
 *
 * @param provider id of the provider that serves the model; only what depends on the host looks at it.
 * @param upstreamModel as the upstream knows it; vendors before a slash, days behind a name and marks of clouds are looked past.
 */
export function capabilitiesOf(provider: string, upstreamModel: string): ModelCapabilities {
  const keys = modelKeys(upstreamModel);
  let found: ModelCapabilities | undefined;
  for (const key of keys) {
    found = packageFacts(key);
    if (found !== undefined) break;
  }
  for (const fact of OWN_FACTS) {
    if (fact.providers !== undefined && !fact.providers.includes(provider)) continue;
    if (keys.some((key) => isOf(fact, key))) found = { ...found, ...fact.facts };
  }
  return found ?? NOTHING;
}

function isOf({ models }: OwnFact, key: string): boolean {
  return models instanceof RegExp ? models.test(key) : models.includes(key);
}
