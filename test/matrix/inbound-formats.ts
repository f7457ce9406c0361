import { type Answer, type InboundFormat, PARAMETERS, type Wire } from './inbound-format.js';
import { MESSAGES } from './inbound-messages.js';

type Piece = Wire & { index?: number; id?: string; function?: { name?: string; arguments?: string } };

const CHAT: InboundFormat = {
  name: 'chat/completions',
  path: '/api/relay/v1/chat/completions',
  begin: ({ model, system, text, picture, tools, cap, thinks, isStream }) => ({
    model,
    messages: [
      ...(system === undefined ? [] : [{ role: 'system', content: system }]),
      {
        role: 'user',
        content:
          picture === undefined
            ? text
            : [
                { type: 'text', text },
                { type: 'image_url', image_url: { url: picture } },
              ],
      },
    ],
    ...(cap !== undefined && { max_completion_tokens: cap }),
    ...(tools && { tools: tools.map((name) => ({ type: 'function', function: { name, parameters: PARAMETERS } })) }),
    ...(thinks === true && { reasoning_effort: 'low' }),
    ...(isStream && { stream: true, stream_options: { include_usage: true } }),
  }),
  goOn: (body, { raw, calls }, results, question) => ({
    ...body,
    messages: [
      ...(body['messages'] as Wire[]),
      raw,
      ...calls.map(({ id }, i) => ({ role: 'tool', tool_call_id: id, content: results[i] })),
      ...(question === undefined ? [] : [{ role: 'user', content: question }]),
    ],
  }),
  readWhole: (body) => {
    const [choice] = body['choices'] as [{ message: Wire; finish_reason: string }];
    return chatAnswer(choice.message, choice.finish_reason, body['usage'] as Wire);
  },
  readStream: (events) => {
    const message: Wire = { role: 'assistant', content: '' };
    const calls: Piece[] = [];
    let finish: string | undefined;
    for (const { choices } of events as { choices?: { delta: Wire; finish_reason: string | null }[] }[]) {
      for (const { delta, finish_reason } of choices ?? []) {
        if (finish_reason !== null) finish = finish_reason;
        addPieces(message, calls, delta);
      }
    }
    if (calls.length > 0) message['tool_calls'] = calls;
    const error = events.map((event) => event['error'] as Wire | undefined).find((found) => found !== undefined);
    const usage = events.findLast((event) => event['usage'] != null)?.['usage'] as Wire | undefined;
    return { ...chatAnswer(message, error === undefined ? finish : 'failed', usage), error: error?.['code'] as string };
  },
};

function addPieces(message: Wire, calls: Piece[], delta: Wire): void {
  for (const [name, value] of Object.entries(delta)) {
    if (name === 'tool_calls') {
      for (const { index = 0, function: piece, ...rest } of value as Piece[]) {
        const call = calls[index] ?? { function: { name: '', arguments: '' } };
        calls[index] = call;
        Object.assign(call, rest);
        call.function = {
          name: call.function?.name || piece?.name || '',
          arguments: `${call.function?.arguments ?? ''}${piece?.arguments ?? ''}`,
        };
      }
    } else if (Array.isArray(value)) message[name] = [...((message[name] ?? []) as unknown[]), ...value];
    else if (typeof value === 'string' && name !== 'role') message[name] = `${message[name] ?? ''}${value}`;
    else if (name !== 'role' && value !== null) message[name] = value;
  }
}

function chatAnswer(message: Wire, finish: string | undefined, usage: Wire | undefined): Answer {
  const calls = (message['tool_calls'] ?? []) as (Piece & {
    id: string;
    function: { name: string; arguments: string };
  })[];
  return {
    text: String(message['content'] ?? ''),
    thought: String(message['reasoning_content'] ?? ''),
    calls: calls.map((call) => ({ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) })),
    finish: finish as Answer['finish'],
    usage: usage && { input: Number(usage['prompt_tokens']), output: Number(usage['completion_tokens']) },
    raw: message,
  };
}

const RESPONSES: InboundFormat = {
  name: 'responses',
  path: '/api/relay/v1/responses',
  begin: ({ model, system, text, picture, tools, cap, thinks, isStream }) => ({
    model,
    ...(system !== undefined && { instructions: system }),
    input: [
      {
        role: 'user',
        content:
          picture === undefined
            ? text
            : [
                { type: 'input_text', text },
                { type: 'input_image', image_url: picture, detail: 'auto' },
              ],
      },
    ],
    ...(cap !== undefined && { max_output_tokens: cap }),
    ...(tools && { tools: tools.map((name) => ({ type: 'function', name, parameters: PARAMETERS, strict: false })) }),
    ...(thinks === true && { reasoning: { effort: 'low' } }),
    store: false,
    ...(isStream && { stream: true }),
  }),
  goOn: (body, { raw, calls }, results, question) => ({
    ...body,
    input: [
      ...(body['input'] as Wire[]),
      ...(raw as Wire[]),
      ...calls.map(({ id }, i) => ({ type: 'function_call_output', call_id: id, output: results[i] })),
      ...(question === undefined ? [] : [{ role: 'user', content: question }]),
    ],
  }),
  readWhole: (body) => {
    const output = body['output'] as Wire[];
    const parts = output.flatMap(({ content }) => (content ?? []) as { text?: string }[]);
    const calls = output.filter(({ type }) => type === 'function_call') as Record<string, string>[];
    const summaries = output.flatMap(({ summary }) => (summary ?? []) as { text: string }[]);
    const usage = body['usage'] as Wire | null;
    const isCut = (body['incomplete_details'] as Wire | null)?.['reason'] === 'max_output_tokens';
    const status = body['status'] === 'incomplete' && isCut ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop';
    return {
      text: parts.map(({ text }) => text ?? '').join(''),
      thought: summaries.map(({ text }) => text).join(''),
      calls: calls.map(({ call_id = '', name = '', arguments: args = '' }) => ({
        id: call_id,
        name,
        input: JSON.parse(args),
      })),
      finish: body['status'] === 'failed' ? 'failed' : status,
      usage:
        usage === null ? undefined : { input: Number(usage['input_tokens']), output: Number(usage['output_tokens']) },
      error: (body['error'] as Wire | null)?.['code'] as string | undefined,
      raw: output,
    };
  },
  readStream: (events) => {
    const last = events.at(-1);
    if (!['completed', 'incomplete', 'failed'].includes(String(last?.['type']).replace('response.', '')))
      throw new Error(`The last event is ${JSON.stringify(last)}.`);
    const answer = RESPONSES.readWhole(last?.['response'] as Wire);
    const told = (type: string) =>
      events.map((event) => (event['type'] === `response.${type}.delta` ? event['delta'] : '')).join('');
    // What was told on the way is what is said at the end.
    if (told('output_text') !== answer.text || told('reasoning_summary_text') !== answer.thought)
      throw new Error('The deltas do not make the answer.');
    return answer;
  },
};

/** All formats that callers may use. */
export const INBOUND: readonly InboundFormat[] = [CHAT, RESPONSES, MESSAGES];
