import { isObject, isText } from '../../../providers/adapters/openai-compatible/wire.js';
import type { WrappedThought } from '../../../providers/canonical/wrapped-thought.js';
import { KeptChars } from '../kept-chars.js';
import { joinedThought } from '../thought-pieces.js';
import type { EventSink } from './event-sink.js';
import { packThoughts } from './hidden-thoughts.js';
import { OpenCall } from './open-call.js';
import { OpenMessage } from './open-message.js';
import { OpenReasoning } from './open-reasoning.js';

type Wire = Readonly<Record<string, unknown>>;
type Item = Record<string, unknown>;

/** Of pictures as base64, of which a few in high resolution are more than any text; they have been paid for when they come. */
const PICTURE_CHARS_MAX = 128 * 1024 * 1024;

/**
 * Makes output items out of what a model says, in its order: reasoning, messages, calls. A whole answer is one large delta. Items follow
 * each other; only calls that a vendor tells piece by piece in turns are open together.
 */
export class OutputItems {
  /** All items that have begun. */
  private readonly items: Item[] = [];
  private readonly calls = new Map<number, OpenCall>();
  private current: OpenReasoning | OpenMessage | undefined;
  /** What goes back to the model but is not shown, until there is an item that it fits into. */
  private hidden: WrappedThought[] = [];
  /** The last event repeats the whole answer. */
  private readonly kept = new KeptChars();
  private readonly pictures = new KeptChars(PICTURE_CHARS_MAX);

  /** @param seed makes the ids of items, together with their number. */
  constructor(
    private readonly seed: string,
    private readonly sink: EventSink,
  ) {}

  /** What there is so far. */
  get all(): readonly Item[] {
    return this.items;
  }

  /**
   * Takes a delta of chat/completions.
   * @param logprobs of its text.
   * @throws ProviderError `invalid_response` for an answer without end.
   */
  take(delta: Wire, logprobs?: unknown): void {
    const { reasoning_content, reasoning_details, extra_content, content, refusal, annotations, images, tool_calls } =
      delta;
    if (isText(reasoning_content)) this.takeThought(reasoning_content);
    if (Array.isArray(reasoning_details))
      for (const detail of reasoning_details) if (isObject(detail)) this.takeDetail(detail);
    if (isObject(extra_content)) this.hidden.push({ extra: extra_content });
    if (isText(content)) this.message().text(this.kept.take(content), logprobs);
    if (isText(refusal)) this.message().refuse(this.kept.take(refusal));
    if (Array.isArray(annotations) && annotations.length > 0) this.message().annotate(annotations);
    if (Array.isArray(images)) for (const image of images) this.takePicture(image);
    if (Array.isArray(tool_calls)) for (const call of tool_calls) if (isObject(call)) this.takeCall(call);
  }

  /** Closes what is open. @param isIncomplete the last of it was cut off. */
  end(isIncomplete: boolean): void {
    const status = isIncomplete ? 'incomplete' : 'completed';
    this.closeCurrent(status);
    for (const call of this.calls.values()) call.close(status);
    this.flushHidden();
  }

  /** Marks what is open as broken off, without a word to anybody: for the answer that has failed. */
  breakOff(): void {
    this.current?.breakOff();
    for (const call of this.calls.values()) call.breakOff();
  }

  private takeDetail(detail: Wire): void {
    const joined = joinedThought(this.hidden.at(-1)?.detail, detail);
    if (joined !== undefined) this.hidden.pop();
    this.hidden.push({ detail: joined ?? detail });
  }

  private takeThought(text: string): void {
    let told = this.kept.take(text);
    if (!(this.current instanceof OpenReasoning)) {
      this.closeCurrent('completed');
      this.closeReadyCalls();
      // An empty line sets it apart from earlier reasoning, where all of it is one text.
      if (this.items.length > 0 && told.startsWith('\n\n')) told = told.slice(2);
      if (told === '') return;
      this.current = new OpenReasoning(...this.begin('rs'), this.sink);
    }
    this.current.text(told);
  }

  private message(): OpenMessage {
    // Reasoning between two texts stands between two messages, so that it goes back in its place.
    const isInterrupted = this.hidden.some(({ detail }) => detail !== undefined);
    if (this.current instanceof OpenMessage && !isInterrupted) return this.current;
    this.closeCurrent('completed');
    this.closeReadyCalls();
    this.flushHidden();
    const message = new OpenMessage(...this.begin('msg'), this.sink);
    this.current = message;
    return message;
  }

  private takeCall(delta: Wire): void {
    const index = typeof delta['index'] === 'number' ? delta['index'] : this.calls.size;
    const call = this.calls.get(index) ?? this.openCall(index, delta);
    if (isObject(delta['extra_content']) && call.extra === undefined) {
      call.extra = delta['extra_content'];
      this.hidden.push({ calls: { [call.callId]: call.extra } });
    }
    const body = delta[call.kind];
    const input = isObject(body) ? body[call.kind === 'function' ? 'arguments' : 'input'] : undefined;
    if (isText(input)) call.input(this.kept.take(input));
  }

  private openCall(index: number, delta: Wire): OpenCall {
    this.closeCurrent('completed');
    this.closeReadyCalls();
    const { id, type, extra_content: extra } = delta;
    const kind = type === 'custom' ? 'custom' : 'function';
    const callId = isText(id) ? id : `call_${this.seed}${this.items.length}`;
    // A thought signature stands before the call that it belongs to.
    if (isObject(extra)) this.hidden.push({ calls: { [callId]: extra } });
    this.flushHidden();
    const body = delta[kind];
    const call = new OpenCall(...this.begin(kind === 'custom' ? 'ctc' : 'fc'), this.sink, {
      kind,
      callId,
      name: isObject(body) ? body['name'] : undefined,
    });
    if (isObject(extra)) call.extra = extra;
    this.calls.set(index, call);
    return call;
  }

  /** A picture comes whole. One by address is told in the text, since there is no item for it. */
  private takePicture(image: unknown): void {
    const inner = isObject(image) ? image['image_url'] : undefined;
    const url = isObject(inner) ? inner['url'] : inner;
    if (!isText(url)) return;
    const data = /^data:[^,]*;base64,/.exec(url.slice(0, 256))?.[0];
    if (data === undefined) {
      this.message().text(this.kept.take(`![](${url})`), undefined);
      return;
    }
    this.closeCurrent('completed');
    this.closeReadyCalls();
    this.flushHidden();
    const [item, output_index] = this.begin('ig');
    Object.assign(item, { type: 'image_generation_call', status: 'in_progress', result: null });
    this.sink.event('response.output_item.added', { output_index, item });
    Object.assign(item, { status: 'completed', result: this.pictures.take(url.slice(data.length)) });
    this.sink.event('response.output_item.done', { output_index, item });
  }

  private begin(prefix: string): [Item, number] {
    const index = this.items.length;
    const item = { id: `${prefix}_${this.seed}${index.toString(16).padStart(4, '0')}` };
    this.items.push(item);
    return [item, index];
  }

  private closeCurrent(status: 'completed' | 'incomplete'): void {
    const { current } = this;
    this.current = undefined;
    if (current instanceof OpenReasoning) current.close(this.takeHidden());
    else current?.close(status);
  }

  /** Calls whose input is all there; of one that is told in turns with others the rest may come. */
  private closeReadyCalls(): void {
    for (const call of this.calls.values()) if (call.isReady) call.close('completed');
  }

  private flushHidden(): void {
    if (this.hidden.length > 0) new OpenReasoning(...this.begin('rs'), this.sink).close(this.takeHidden());
  }

  private takeHidden(): string | undefined {
    if (this.hidden.length === 0) return undefined;
    const packed = packThoughts(this.hidden);
    this.hidden = [];
    return packed;
  }
}
