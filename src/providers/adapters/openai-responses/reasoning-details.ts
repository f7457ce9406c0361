import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';

/**
 * Reasoning that a model has to be given back in the next turn. It travels in `reasoning_details` of an assistant message: a client
 * that sends its messages back as it got them keeps it, any other loses nothing but some thinking.
 *
 * `data` is readable by the model that made it alone, which is why its name stands beside it; on the way to another model, or to
 * another vendor's format, it is left out. `precedes` is the id of the tool call that the reasoning led to; without it, it led to the text.
 */
export interface ReasoningDetail {
  readonly type: 'reasoning.encrypted';
  readonly format: typeof REASONING_FORMAT;
  readonly model: string;
  readonly id: string;
  readonly data: string;
  readonly summary?: readonly string[];
  readonly precedes?: string;
}

/** Tells these entries of `reasoning_details` from those of other vendors. */
export const REASONING_FORMAT = 'openai-responses-v1';
/** In place of the model's name: the caller has it from elsewhere, and OpenAI says itself whether this model can read it. */
export const ANY_MODEL = '*';

/** Collects the reasoning of one answer, in the order of its items. */
export class ReasoningCollector {
  private readonly details: ReasoningDetail[] = [];
  private pending: WireObject[] = [];
  /** How many details {@link takeNew} has given. */
  private taken = 0;

  /** @param model upstream name of the model that answers. */
  constructor(private readonly model: string) {}

  /** Takes an output item once it is complete. Reasoning that leads to nothing cannot be sent back, and is dropped. */
  push(item: WireObject): void {
    if (item['type'] === 'reasoning') {
      if (isText(item['id']) && isText(item['encrypted_content'])) this.pending.push(item);
      return;
    }
    const isCall = item['type'] === 'function_call' || item['type'] === 'custom_tool_call';
    if (!isCall && item['type'] !== 'message') return;
    const precedes = isCall && isText(item['call_id']) ? item['call_id'] : undefined;
    for (const reasoning of this.pending) this.details.push(toDetail(reasoning, this.model, precedes));
    this.pending = [];
  }

  /**
   * Notes that an item has begun, and with it what the reasoning before it led to.
   * @returns what is new to send back; undefined when there is nothing.
   */
  takeNew(item: WireObject): readonly ReasoningDetail[] | undefined {
    this.push(item);
    const fresh = this.details.slice(this.taken);
    this.taken = this.details.length;
    return fresh.length === 0 ? undefined : fresh;
  }

  /** All there is to send back; undefined when there is nothing. */
  get all(): readonly ReasoningDetail[] | undefined {
    return this.details.length === 0 ? undefined : this.details;
  }
}

function toDetail(item: WireObject, model: string, precedes: string | undefined): ReasoningDetail {
  const summary = textsOf(item['summary']);
  return {
    type: 'reasoning.encrypted',
    format: REASONING_FORMAT,
    model,
    id: String(item['id']),
    data: String(item['encrypted_content']),
    ...(summary.length > 0 && { summary }),
    ...(precedes !== undefined && { precedes }),
  };
}

/**
 * The input items of what an assistant message carries for a model, by what they led to: the id of a tool call, or '' for the text.
 * Undefined when there is nothing for this model.
 */
export function reasoningItemsOf(message: WireObject, model: string): ReadonlyMap<string, WireObject[]> | undefined {
  const details = message['reasoning_details'];
  if (!Array.isArray(details)) return undefined;
  const items = new Map<string, WireObject[]>();
  for (const detail of details) {
    if (!isObject(detail) || detail['format'] !== REASONING_FORMAT) continue;
    if (detail['model'] !== model && detail['model'] !== ANY_MODEL) continue;
    if (!isText(detail['data'])) continue;
    const summary = Array.isArray(detail['summary']) ? detail['summary'].filter(isText) : [];
    const item = {
      type: 'reasoning',
      ...(isText(detail['id']) && { id: detail['id'] }),
      encrypted_content: detail['data'],
      summary: summary.map((text) => ({ type: 'summary_text', text })),
    };
    const key = isText(detail['precedes']) ? detail['precedes'] : '';
    const list = items.get(key);
    if (list === undefined) items.set(key, [item]);
    else list.push(item);
  }
  return items.size === 0 ? undefined : items;
}

/** The texts of a list of parts. */
export function textsOf(parts: unknown): readonly string[] {
  if (!Array.isArray(parts)) return [];
  return parts.flatMap((part) => (isObject(part) && isText(part['text']) ? part['text'] : []));
}
