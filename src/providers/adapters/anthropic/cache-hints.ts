import { isObject } from '../../../common/is-object.js';

const FIVE_MINUTES = '{"type":"ephemeral"}';
/** Words for as long as a cache lasts anyway, or for as long as the vendor sees fit. */
export const SHORT_TTLS: ReadonlySet<unknown> = new Set([undefined, null, '5m', 'in_memory', 'in-memory']);

/** A JSON object as text, with one more member. */
export function withMember(json: string, name: string, value: string): string {
  return `${json.slice(0, -1)},"${name}":${value}}`;
}

/**
 * Where a request wants its prompt kept in the cache: for five minutes. An hour costs the operator twice the price of the input instead of
 * one and a quarter times, and usage has one class for both, so it would be sold below its cost; it is left out and reported.
 */
export class CacheHints {
  /** The caller has set a breakpoint of its own; then the hub sets none. */
  hasExplicit = false;

  /** @param dropped takes what asks for longer. */
  constructor(
    private readonly body: Readonly<Record<string, unknown>>,
    private readonly dropped: Set<string>,
  ) {
    const options = body['prompt_cache_options'];
    if (isObject(options) && !SHORT_TTLS.has(options['ttl'])) dropped.add('prompt_cache_options.ttl');
    if (!SHORT_TTLS.has(body['prompt_cache_retention'])) dropped.add('prompt_cache_retention');
  }

  /**
   * A request that names a prompt cache (`prompt_cache_key`) and sets no breakpoints gets them where the prompt of a conversation is
   * the same in the next request: after the tools, the system text and the last turn. What is written to the cache costs a quarter
   * more, so nothing is cached unasked.
   */
  get isWanted(): boolean {
    const { prompt_cache_key: key } = this.body;
    return !this.hasExplicit && typeof key === 'string' && key !== '';
  }

  /** A block with the breakpoint its part asks for, in Anthropic's words (`cache_control`) or in OpenAI's. */
  apply(block: string, part: Readonly<Record<string, unknown>>): string {
    const { cache_control, prompt_cache_breakpoint } = part;
    const isOwn = isObject(cache_control);
    if (!isOwn && !isObject(prompt_cache_breakpoint)) return block;
    this.hasExplicit = true;
    return withMember(block, 'cache_control', isOwn ? this.ownText(cache_control) : FIVE_MINUTES);
  }

  /** A block with the hub's own breakpoint. */
  mark(block: string): string {
    return withMember(block, 'cache_control', FIVE_MINUTES);
  }

  private ownText({ ttl, ...rest }: Readonly<Record<string, unknown>>): string {
    if (SHORT_TTLS.has(ttl)) return JSON.stringify(ttl === undefined ? rest : { ...rest, ttl });
    this.dropped.add('cache_control.ttl');
    return JSON.stringify(rest);
  }
}
