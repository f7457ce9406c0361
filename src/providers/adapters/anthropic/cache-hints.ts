import { isObject } from '../../../common/is-object.js';

const FIVE_MINUTES = '{"type":"ephemeral"}';
const ONE_HOUR = '{"type":"ephemeral","ttl":"1h"}';
const LONG = new Set<unknown>(['1h', '24h']);

/** A JSON object as text, with one more member. */
export function withMember(json: string, name: string, value: string): string {
  return `${json.slice(0, -1)},"${name}":${value}}`;
}

/** Where a request wants its prompt kept in the cache. */
export class CacheHints {
  /** The caller has set a breakpoint of its own; then the hub sets none. */
  hasExplicit = false;
  private readonly byDefault: string;

  constructor(private readonly body: Readonly<Record<string, unknown>>) {
    const options = body['prompt_cache_options'];
    const ttl = isObject(options) ? options['ttl'] : undefined;
    this.byDefault = LONG.has(ttl) || LONG.has(body['prompt_cache_retention']) ? ONE_HOUR : FIVE_MINUTES;
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
    return withMember(block, 'cache_control', isOwn ? JSON.stringify(cache_control) : this.byDefault);
  }

  /** A block with the hub's own breakpoint. */
  mark(block: string): string {
    return withMember(block, 'cache_control', this.byDefault);
  }
}
