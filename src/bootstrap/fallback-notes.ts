import type { Catalog } from '../channels/catalog.types.js';

/** More would push the rest of the banner off the screen. */
const FALLBACKS_NAMED_MAX = 20;

/**
 * Tells the operator which fallback models nobody serves: a typing error in a name would otherwise show itself only in the hour of
 * need. It is no reason to refuse a start, since a fallback may be an operator's own model that comes later.
 */
export function fallbackNotes({ models }: Catalog): readonly string[] {
  const missing = [...models.values()].flatMap(({ id, routing }) =>
    (routing?.fallbacks ?? []).filter(({ model }) => !models.has(model)).map(({ model }) => `${model} (of ${id})`),
  );
  if (missing.length === 0) return [];
  const more = missing.length > FALLBACKS_NAMED_MAX ? ` and ${missing.length - FALLBACKS_NAMED_MAX} more` : '';
  return [`Fallback models that no channel serves: ${missing.slice(0, FALLBACKS_NAMED_MAX).join(', ')}${more}.`];
}
