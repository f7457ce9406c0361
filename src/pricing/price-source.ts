/**
 * Who may state a price, strongest first. Each keeps its own versions: what a stronger one says hides the others for as
 * long as it says something, and replaces nothing. Stored as `price_version.source`, where a colon and a detail may follow,
 * such as `operator:user:7`.
 */
export const PRICE_SOURCES = ['config', 'operator', 'environment', 'sandbox'] as const;
export type PriceSource = (typeof PRICE_SOURCES)[number];

/** The SQL of a source without its detail. */
export const SOURCE_KIND_SQL = `split_part(source, ':', 1)`;

/** A stored source without its detail. */
export function sourceKindOf(source: string): string {
  return source.split(':', 1)[0] ?? '';
}

/** How strong a stored source is; the smaller, the stronger. One that this version does not know is the weakest. */
export function strengthOf(source: string): number {
  const index = (PRICE_SOURCES as readonly string[]).indexOf(sourceKindOf(source));
  return index === -1 ? PRICE_SOURCES.length : index;
}
