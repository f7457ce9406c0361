type Wire = Record<string, unknown>;

/** A streamed message, put together, and the names of its events in order. */
export interface SeenMessage {
  readonly message: Wire & { content: Wire[]; usage: Wire };
  readonly names: readonly string[];
  /** The error that ended it. */
  readonly error: Wire | undefined;
}

/** Which deltas go into which kind of block. */
const DELTAS: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
};

/**
 * Reads the events of a Messages stream by the vendor's rules, and throws on what breaks them: an event before `message_start` or after
 * the end, blocks that overlap, a delta that does not belong to its block, a name that is not the type.
 */
export function readMessageEvents(text: string): SeenMessage {
  const reader = new Reader();
  for (const event of text.split('\n\n')) {
    if (event === '' || event.startsWith(':')) continue;
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event) ?? [];
    if (name === undefined || data === undefined) throw new Error(`Not an event of this format: ${event}`);
    const value = JSON.parse(data) as Wire;
    if (value['type'] !== name) throw new Error(`The event ${name} calls itself ${String(value['type'])}.`);
    reader.push(name, value);
  }
  return reader.end();
}

class Reader {
  private readonly names: string[] = [];
  private message: SeenMessage['message'] | undefined;
  private block: Wire | undefined;
  private input = '';
  private hasStopReason = false;
  private isOver = false;
  private error: Wire | undefined;

  push(name: string, value: Wire): void {
    if (name === 'ping') return;
    this.names.push(name);
    if (this.isOver) throw new Error(`${name} after the end`);
    if (name === 'error') {
      this.isOver = true;
      this.error = value;
      return;
    }
    if ((name === 'message_start') !== (this.message === undefined)) throw new Error(`${name} out of order`);
    if (name === 'message_start') this.message = { ...(value['message'] as SeenMessage['message']), content: [] };
    else this.next(name, value, this.message!);
  }

  end(): SeenMessage {
    if (!this.isOver) throw new Error('The stream has no end.');
    const message = this.message ?? { content: [], usage: {} };
    return { message, names: this.names, error: this.error };
  }

  private next(name: string, value: Wire, message: SeenMessage['message']): void {
    switch (name) {
      case 'content_block_start':
        if (this.block !== undefined || this.hasStopReason)
          throw new Error('A block begins inside another, or too late.');
        this.checkIndex(value, message.content.length);
        this.block = { ...(value['content_block'] as Wire) };
        message.content.push(this.block);
        return;
      case 'content_block_delta':
        this.checkIndex(value, message.content.length - 1);
        this.add(value['delta'] as Wire);
        return;
      case 'content_block_stop':
        this.checkIndex(value, message.content.length - 1);
        this.stop();
        return;
      case 'message_delta':
        if (this.block !== undefined) throw new Error('The message ends inside a block.');
        this.hasStopReason = true;
        Object.assign(message, value['delta']);
        Object.assign(message.usage, value['usage']);
        return;
      case 'message_stop':
        if (!this.hasStopReason) throw new Error('The message stops without a reason.');
        this.isOver = true;
        return;
      default:
        throw new Error(`No event of this format: ${name}`);
    }
  }

  private checkIndex({ index }: Wire, expected: number): void {
    if (index !== expected) throw new Error(`Block ${String(index)} in place of ${expected}`);
  }

  private add(delta: Wire): void {
    const { block } = this;
    const type = String(delta['type']);
    if (block === undefined || DELTAS[String(block['type'])]?.includes(type) !== true)
      throw new Error(`${type} does not belong here.`);
    if (type === 'text_delta') block['text'] = `${String(block['text'])}${String(delta['text'])}`;
    else if (type === 'thinking_delta') block['thinking'] = `${String(block['thinking'])}${String(delta['thinking'])}`;
    else if (type === 'signature_delta') block['signature'] = delta['signature'];
    else if (type === 'citations_delta')
      block['citations'] = [...((block['citations'] ?? []) as Wire[]), delta['citation']];
    else this.input += String(delta['partial_json']);
  }

  private stop(): void {
    if (this.block === undefined) throw new Error('A block stops that has not begun.');
    if (this.input !== '') this.block['input'] = JSON.parse(this.input);
    this.input = '';
    this.block = undefined;
  }
}
