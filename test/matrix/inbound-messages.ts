import { type Answer, type InboundFormat, PARAMETERS, type Wire } from './inbound-format.js';

type Block = Record<string, unknown> & { type: string };

/** Anthropic's Messages. */
export const MESSAGES: InboundFormat = {
  name: 'messages',
  path: '/api/relay/anthropic/v1/messages',
  begin: ({ model, system, text, picture, tools, cap, thinks, isStream }) => ({
    model,
    max_tokens: cap ?? 1_000,
    ...(system !== undefined && { system }),
    messages: [{ role: 'user', content: picture === undefined ? text : [{ type: 'text', text }, toImage(picture)] }],
    ...(tools && { tools: tools.map((name) => ({ name, input_schema: PARAMETERS })) }),
    ...(thinks === true && { thinking: { type: 'enabled', budget_tokens: 1_024 } }),
    ...(isStream && { stream: true }),
  }),
  goOn: (body, { raw, calls }, results, question) => {
    const content = [
      ...calls.map(({ id }, i) => ({ type: 'tool_result', tool_use_id: id, content: results[i] })),
      ...(question === undefined ? [] : [{ type: 'text', text: question }]),
    ];
    const messages = body['messages'] as Wire[];
    return { ...body, messages: [...messages, { role: 'assistant', content: raw }, { role: 'user', content }] };
  },
  readWhole: (body) => toAnswer(body['content'] as Block[], body['stop_reason'], body['usage'] as Wire),
  readStream: (events) => {
    const blocks: Block[] = [];
    const inputs = new Map<Block, string>();
    let usage: Wire = {};
    let reason: unknown;
    let error: string | undefined;
    let isOver = false;
    for (const event of events) {
      const { type, index, delta = {}, content_block, message } = event as Wire & { index: number; delta: Wire };
      if (isOver) throw new Error(`${String(type)} comes after the end.`);
      if (type === 'message_start') usage = (message as { usage: Wire }).usage;
      else if (type === 'content_block_start') blocks[index] = { ...(content_block as Block) };
      else if (type === 'content_block_delta') addDelta(blocks[index], inputs, delta);
      else if (type === 'error') error = String((event['error'] as Wire)['type']);
      else if (type === 'message_delta') {
        reason = delta['stop_reason'];
        usage = { ...usage, ...(event['usage'] as Wire) };
      }
      isOver = type === 'message_stop' || type === 'error';
    }
    if (!isOver) throw new Error('The stream has no end.');
    for (const [block, text] of inputs) block['input'] = JSON.parse(text);
    return { ...toAnswer(blocks, reason, usage), ...(error !== undefined && { finish: 'failed', error }) };
  },
};

function toImage(picture: string): Wire {
  const [, media_type, data] = /^data:([^;]+);base64,(.*)$/.exec(picture) ?? [];
  return { type: 'image', source: { type: 'base64', media_type, data } };
}

function addDelta(block: Block | undefined, inputs: Map<Block, string>, delta: Wire): void {
  if (block === undefined) throw new Error('A delta has no block.');
  if (delta['type'] === 'input_json_delta') inputs.set(block, `${inputs.get(block) ?? ''}${delta['partial_json']}`);
  for (const name of ['text', 'thinking', 'signature'])
    if (typeof delta[name] === 'string') block[name] = `${block[name] ?? ''}${delta[name]}`;
}

function toAnswer(blocks: readonly Block[], reason: unknown, usage: Wire): Answer {
  const textsOf = (type: string) => blocks.map((block) => (block.type === type ? (block[type] ?? '') : '')).join('');
  const count = (name: string): number => Number(usage[name] ?? 0);
  return {
    text: textsOf('text'),
    thought: textsOf('thinking'),
    calls: blocks.flatMap(({ type, id, name, input }) =>
      type === 'tool_use' ? [{ id: String(id), name: String(name), input }] : [],
    ),
    finish: ({ end_turn: 'stop', max_tokens: 'length', tool_use: 'tool_calls' } as const)[String(reason)],
    usage: {
      input: count('input_tokens') + count('cache_read_input_tokens') + count('cache_creation_input_tokens'),
      output: count('output_tokens'),
    },
    raw: blocks,
  };
}
