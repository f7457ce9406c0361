import { createHash } from 'node:crypto';
import type { AnthropicDirective } from './anthropic-directive.js';
import type { Wire } from './check-fields.js';
import type { CheckedRequest } from './check-request.js';
import { thinksOn } from './check-thinking.js';
import { prefixOf, signatureOf } from './signature.js';

/** A whole answer as the vendor writes it. */
export interface Message {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly Wire[];
  readonly stop_reason: string;
  readonly stop_sequence: null;
  readonly stop_details?: Wire;
  readonly usage: Wire;
}

/** Makes the answer to a request: what the directive says, else an echo of the last user text. */
export function makeMessage(request: CheckedRequest, directive: AnthropicDirective): Message {
  const { model, body } = request;
  const id = `msg_${createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 20)}`;
  const head = { id, type: 'message', role: 'assistant', model: model.id, stop_sequence: null } as const;
  const content = directive.refusal === undefined ? contentOf(request, directive) : [];
  const usage = usageOf(request, directive, content);
  if (directive.refusal !== undefined) {
    const stop_details = { type: 'refusal', category: null, explanation: directive.refusal || null };
    return { ...head, content, stop_reason: 'refusal', stop_details, usage };
  }
  const isCall = content.some(({ type }) => type === 'tool_use');
  return { ...head, content, stop_reason: directive.stop_reason ?? (isCall ? 'tool_use' : 'end_turn'), usage };
}

function contentOf(request: CheckedRequest, directive: AnthropicDirective): readonly Wire[] {
  const { model, body, turns } = request;
  const prefix = prefixOf(body, turns);
  const content: Wire[] = [];
  const thought = directive.thought ?? (thinksOn(body, model) ? defaultThought(request) : undefined);
  if (thought !== undefined)
    content.push({ type: 'thinking', thinking: thought, signature: signatureOf(model.id, thought, prefix) });
  if (directive.redacted_thought === true)
    content.push({ type: 'redacted_thinking', data: signatureOf(model.id, 'redacted', prefix) });
  const calls = directive.calls ?? forcedCall(body);
  const text = directive.text ?? wordsOf(directive.tokens) ?? (calls.length > 0 ? '' : echo(request));
  const told = withoutPrefill(text, request);
  if (told !== '') content.push({ type: 'text', text: told });
  for (const [i, { id, name, input }] of calls.entries())
    content.push({ type: 'tool_use', id: id ?? `toolu_${i + 1}`, name, input });
  return content;
}

/** From version 5 on thoughts are not shown unless asked for. */
function defaultThought({ model }: CheckedRequest): string {
  return model.thinksByDefault ? '' : 'Let me think.';
}

/** A forced tool is called, whatever the model would rather do. */
function forcedCall(body: Wire): NonNullable<AnthropicDirective['calls']> {
  const choice = body['tool_choice'] as { type: string; name?: string } | undefined;
  if (choice?.type !== 'any' && choice?.type !== 'tool') return [];
  const [first] = body['tools'] as readonly { name: string }[];
  return [{ name: choice.name ?? first?.name ?? '', input: {} }];
}

function wordsOf(count: number | undefined): string | undefined {
  return count === undefined ? undefined : Array.from({ length: count }, (_, i) => `word${i} `).join('');
}

function echo({ turns }: CheckedRequest): string {
  const last = turns.findLast(({ role }) => role === 'user')?.['content'];
  const texts = Array.isArray(last) ? last.flatMap(({ type, text }) => (type === 'text' ? [text] : [])) : [last];
  return `You said: ${texts.join(' ') || 'nothing'}`;
}

/** A model that goes on from a beginning does not repeat it. */
function withoutPrefill(text: string, { turns }: CheckedRequest): string {
  const last = turns.at(-1);
  if (last?.['role'] !== 'assistant') return text;
  const { content } = last;
  const told = Array.isArray(content) ? content.map((block) => block.text ?? '').join('') : String(content);
  return text.startsWith(told) ? text.slice(told.length) : text;
}

function usageOf(request: CheckedRequest, directive: AnthropicDirective, content: readonly Wire[]): Wire {
  if (directive.usage !== undefined) return directive.usage === 'none' ? {} : directive.usage;
  const written = directive.written ?? 0;
  const { thinking_tokens } = directive;
  return {
    input_tokens: directive.in ?? request.inputTokens,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: directive.cached ?? 0,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    output_tokens: directive.out ?? Math.max(1, Math.ceil(JSON.stringify(content).length / 4)),
    ...(thinking_tokens !== undefined && { output_tokens_details: { thinking_tokens } }),
    service_tier: 'standard',
  };
}
