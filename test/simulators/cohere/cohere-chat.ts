import {
  type Heard,
  isWire,
  type ModelAnswer,
  pieces,
  refuseUnknown,
  type SimulatedChat,
  textOf,
  type Wire,
  wireOf,
} from '../simulated-chat.js';

const FIELDS = [
  'model',
  'messages',
  'stream',
  'tools',
  'strict_tools',
  'documents',
  'citation_options',
  'response_format',
  'safety_mode',
  'max_tokens',
  'stop_sequences',
  'temperature',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'k',
  'p',
  'logprobs',
  'tool_choice',
  'thinking',
  'priority',
];
const MESSAGE_FIELDS = ['role', 'content', 'tool_calls', 'tool_plan', 'tool_call_id', 'citations'];
const ID = 'c14c80c3-18eb-4519-9460-6c92edd8cfb4';

/** Cohere's v2/chat: https://docs.cohere.com/reference/chat */
export const cohereChat: SimulatedChat = {
  framing: 'sse',
  hear(body) {
    refuseUnknown(body, FIELDS);
    textOf(body['model'], 'model');
    if (typeof body['stream'] !== 'boolean') throw new Error('stream must be given');
    inRange(body, 'p', 0.01, 0.99);
    inRange(body, 'k', 0, 500);
    inRange(body, 'frequency_penalty', 0, 1);
    inRange(body, 'presence_penalty', 0, 1);
    const { tool_choice: choice, tools, messages } = body;
    if (choice !== undefined && choice !== 'REQUIRED' && choice !== 'NONE') throw new Error('invalid tool_choice');
    if (choice !== undefined && !Array.isArray(tools)) throw new Error('tool_choice without tools');
    if (Array.isArray(tools)) for (const tool of tools) checkTool(tool);
    if (!Array.isArray(messages) || messages.length === 0) throw new Error('messages must not be empty');
    const names = new Map<string, string>();
    return messages.flatMap((message) => hearMessage(wireOf(message, 'a message'), names));
  },
  whole: (answer) =>
    JSON.stringify({
      id: ID,
      message: {
        role: 'assistant',
        content: contentOf(answer),
        ...(answer.calls.length > 0 && { tool_plan: answer.text, tool_calls: answer.calls.map(toCall) }),
      },
      finish_reason: finishOf(answer),
      usage: usageOf(answer),
    }),
  stream: (answer) =>
    eventsOf(answer)
      .map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`)
      .join(''),
};

/** What is billed leaves out what the vendor adds to the prompt. */
function usageOf({ tokens: { input, output } }: ModelAnswer): Wire {
  return {
    billed_units: { input_tokens: input, output_tokens: output },
    tokens: { input_tokens: input + 495, output_tokens: output + 2 },
  };
}

function inRange(body: Wire, name: string, min: number, max: number): void {
  const value = body[name];
  if (value === undefined) return;
  if (typeof value !== 'number' || value < min || value > max) throw new Error(`invalid request: ${name}`);
}

function checkTool(tool: unknown): void {
  const { type, function: body } = wireOf(tool, 'a tool');
  if (type !== 'function') throw new Error('tool type must be function');
  textOf(wireOf(body, 'a function')['name'], 'the name of a function');
  wireOf(wireOf(body, 'a function')['parameters'], 'the parameters of a function');
}

function hearMessage(message: Wire, names: Map<string, string>): readonly Heard[] {
  refuseUnknown(message, MESSAGE_FIELDS);
  const { role, content } = message;
  switch (role) {
    case 'system':
      return [{ by: role, text: String(content) }];
    case 'user':
      return Array.isArray(content) ? content.map(hearPart) : [{ by: role, text: String(content) }];
    case 'assistant':
      return hearAnswer(message, names);
    case 'tool': {
      const name = names.get(textOf(message['tool_call_id'], 'tool_call_id'));
      if (name === undefined) throw new Error('a tool message must answer a tool call');
      return [{ by: role, text: String(content), for: name }];
    }
    default:
      throw new Error(`invalid role ${String(role)}`);
  }
}

function hearPart(part: unknown): Heard {
  const { type, text, image_url: image } = wireOf(part, 'a part');
  if (type === 'text') return { by: 'user', text: String(text) };
  if (type !== 'image_url') throw new Error(`invalid content type ${String(type)}`);
  return { by: 'user', picture: textOf(wireOf(image, 'image_url')['url'], 'url').replace(/^data:[^,]*;base64,/, '') };
}

function hearAnswer(message: Wire, names: Map<string, string>): readonly Heard[] {
  const { content, tool_plan: plan, tool_calls: calls } = message;
  const heard: Heard[] = [];
  for (const text of [plan, content])
    if (text !== undefined) heard.push({ by: 'assistant', text: textOf(text, 'a text') });
  if (!Array.isArray(calls)) {
    if (heard.length === 0) throw new Error('message must not be empty in a turn');
    return heard;
  }
  for (const call of calls) {
    const { id, type, function: body } = wireOf(call, 'a tool call');
    if (type !== 'function') throw new Error('a tool call must be one of a function');
    const { name, arguments: given } = wireOf(body, 'a function');
    names.set(textOf(id, 'id'), textOf(name, 'name'));
    heard.push({ by: 'assistant', calls: String(name), with: JSON.parse(textOf(given, 'arguments')) });
  }
  return heard;
}

/** The text before calls is no content, but the plan for them. */
function contentOf({ text, thoughts, calls }: ModelAnswer): readonly Wire[] {
  return [
    ...(thoughts === '' ? [] : [{ type: 'thinking', thinking: thoughts }]),
    ...(text === '' || calls.length > 0 ? [] : [{ type: 'text', text }]),
  ];
}

function toCall({ name, arguments: given }: ModelAnswer['calls'][number], i: number): Wire {
  const isBare = Object.keys(given).length === 0;
  const body = { name, arguments: isBare ? null : JSON.stringify(given) };
  return { id: `${name}_${i}`, type: 'function', function: body };
}

function finishOf({ calls, isCut }: ModelAnswer): string {
  if (isCut) return 'MAX_TOKENS';
  return calls.length > 0 ? 'TOOL_CALL' : 'COMPLETE';
}

function eventsOf(answer: ModelAnswer): readonly Wire[] {
  const about = (type: string, message: Wire, index?: number): Wire => ({
    type,
    ...(index !== undefined && { index }),
    delta: { message },
  });
  const events: Wire[] = [{ id: ID, ...about('message-start', { role: 'assistant', content: [], tool_calls: [] }) }];
  for (const [i, part] of contentOf(answer).entries()) {
    const kind = part['type'] === 'thinking' ? 'thinking' : 'text';
    events.push(about('content-start', { content: { type: kind, [kind]: '' } }, i));
    for (const piece of pieces(String(part[kind])))
      events.push(about('content-delta', { content: { [kind]: piece } }, i));
    events.push({ type: 'content-end', index: i });
  }
  if (answer.calls.length > 0)
    for (const piece of pieces(answer.text)) events.push(about('tool-plan-delta', { tool_plan: piece }));
  for (const [i, call] of answer.calls.entries()) {
    const { function: body, ...head } = toCall(call, i);
    const { name, arguments: given } = isWire(body) ? body : {};
    events.push(about('tool-call-start', { tool_calls: { ...head, function: { name, arguments: '' } } }, i));
    for (const piece of pieces(typeof given === 'string' ? given : ''))
      events.push(about('tool-call-delta', { tool_calls: { function: { arguments: piece } } }, i));
    events.push({ type: 'tool-call-end', index: i });
  }
  events.push({ type: 'message-end', delta: { finish_reason: finishOf(answer), usage: usageOf(answer) } });
  return events;
}
