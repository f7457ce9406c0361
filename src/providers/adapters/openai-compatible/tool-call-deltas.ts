import { isObject, isText, type WireObject } from './wire.js';

/** One tool call of a choice, as far as it has been told. */
interface Call {
  readonly index: number;
  readonly kind: 'function' | 'custom';
  id: string;
  isNameSent: boolean;
  hasArguments: boolean;
}

/**
 * Puts the tool-call deltas of one choice into OpenAI's shape: numbered from 0 in order of appearance, id and name once,
 * arguments as text. Vendors leave out the index, repeat or empty the id, and number parallel calls alike.
 */
export class ToolCallDeltas {
  private readonly calls: Call[] = [];
  /** The call that the upstream's index means at present. */
  private readonly byIndex = new Map<number, Call>();

  /** Rewrites the deltas of one chunk in place and returns those that are objects. */
  push(deltas: readonly unknown[]): WireObject[] {
    return deltas.filter(isObject).map((delta) => this.read(delta));
  }

  /** Deltas that give `{}` to every function whose arguments never came; clients parse the text as JSON. */
  finish(): WireObject[] {
    const missing = this.calls.filter((call) => call.kind === 'function' && !call.hasArguments);
    return missing.map((call) => {
      call.hasArguments = true;
      return { index: call.index, function: { arguments: '{}' } };
    });
  }

  private read(delta: WireObject): WireObject {
    const known = this.find(delta);
    const call = known ?? this.open(delta);
    delta['index'] = call.index;
    if (known === undefined) delta['type'] = call.kind;
    else if (delta['type'] !== undefined) delta['type'] = undefined;
    if (call.id === '' && isText(delta['id'])) call.id = delta['id'];
    else if (delta['id'] !== undefined && (known !== undefined || !isText(delta['id']))) delta['id'] = undefined;
    const body = delta[call.kind];
    if (isObject(body)) this.readBody(call, body, known === undefined);
    else if (body === null) delta[call.kind] = undefined;
    return delta;
  }

  private readBody(call: Call, body: WireObject, isFirst: boolean): void {
    if (!call.isNameSent && isText(body['name'])) call.isNameSent = true;
    else if (body['name'] !== undefined) body['name'] = undefined;
    if (call.kind === 'custom') return;
    const given = body['arguments'];
    if (isObject(given)) body['arguments'] = JSON.stringify(given);
    else if (typeof given !== 'string') {
      if (isFirst) body['arguments'] = '';
      else if (given !== undefined) body['arguments'] = undefined;
    }
    if (isText(body['arguments'])) call.hasArguments = true;
  }

  private find(delta: WireObject): Call | undefined {
    const { id, index } = delta;
    const body = isObject(delta['function']) ? delta['function'] : delta['custom'];
    const hasName = isObject(body) && isText(body['name']);
    if (Number.isInteger(index)) {
      const call = this.byIndex.get(index as number);
      // Some servers number every parallel call 0; a new id together with a name opens another call.
      return call !== undefined && hasName && isText(id) && call.id !== '' && call.id !== id ? undefined : call;
    }
    if (isText(id)) return this.calls.find((call) => call.id === id);
    return hasName ? undefined : this.calls.at(-1);
  }

  private open(delta: WireObject): Call {
    const kind = isObject(delta['custom']) ? 'custom' : 'function';
    const call: Call = { index: this.calls.length, kind, id: '', isNameSent: false, hasArguments: false };
    this.calls.push(call);
    if (Number.isInteger(delta['index'])) this.byIndex.set(delta['index'] as number, call);
    return call;
  }
}
