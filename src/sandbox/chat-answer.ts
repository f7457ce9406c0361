import type { ParsedChat } from './chat-request.js';
import { composeText } from './chat-text.js';
import { exampleFromSchema } from './example-from-schema.js';
import type { AnswerScript } from './sandbox-request.js';
import { countTokens, splitTokens } from './tokens.js';
import { composeToolCalls, type ToolCall } from './tool-calls.js';

/** What the assistant says, the same for every choice. */
export interface ChatAnswer {
  /** Pieces of the text, in order; empty with tool calls. */
  readonly tokens: readonly string[];
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
  /** OpenAI's usage object; undefined when the script leaves it out. */
  readonly usage: Readonly<Record<string, unknown>> | undefined;
  /** Undefined when the script leaves it out. */
  readonly serviceTier: string | undefined;
}

/** Tokens of one `image_url` part at low detail, as OpenAI counts gpt-4o. */
const IMAGE_TOKENS = 85;

/** Makes the answer to a request; the same request gives the same answer. */
export function composeAnswer(chat: ParsedChat, script: AnswerScript): ChatAnswer {
  const serviceTier = script.tier === 'none' ? undefined : (script.tier ?? chat.serviceTier);
  const toolCalls = script.text === undefined && script.tokenCount === undefined ? composeToolCalls(chat) : [];
  if (toolCalls.length > 0) {
    const outputTokens = toolCalls.reduce((sum, call) => sum + 8 + countTokens(call.function.arguments), 0);
    // OpenAI finishes with `stop` when one function was forced.
    const finishReason = chat.toolChoice.mode === 'named' ? 'stop' : 'tool_calls';
    return { tokens: [], toolCalls, finishReason, usage: toUsage(chat, outputTokens, script), serviceTier };
  }
  const all = textTokens(chat, script);
  const tokens = all.slice(0, chat.tokenCountMax);
  const finishReason = tokens.length < all.length ? 'length' : 'stop';
  return { tokens, toolCalls, finishReason, usage: toUsage(chat, tokens.length, script), serviceTier };
}

function textTokens(chat: ParsedChat, script: AnswerScript): readonly string[] {
  if (script.tokenCount !== undefined) {
    return Array.from({ length: script.tokenCount }, (_, index) => (index === 0 ? 'token0' : ` token${index}`));
  }
  const text = script.text ?? formattedText(chat);
  const end = Math.min(...chat.stop.map((stop) => text.indexOf(stop)).filter((index) => index >= 0), text.length);
  return splitTokens(text.slice(0, end));
}

function formattedText(chat: ParsedChat): string {
  const question = chat.messages.findLast((message) => message.role === 'user')?.text ?? '';
  switch (chat.format.type) {
    case 'json_object':
      return JSON.stringify({ answer: composeText(chat.messages) });
    case 'json_schema':
      return JSON.stringify(exampleFromSchema(chat.format.schema, question));
    default:
      return composeText(chat.messages);
  }
}

function toUsage(chat: ParsedChat, outputTokensPerChoice: number, script: AnswerScript): ChatAnswer['usage'] {
  if (script.usage === 'none') return undefined;
  if (script.usage !== undefined) return script.usage;
  const promptTokens = script.inputTokens ?? countPrompt(chat);
  const completionTokens = script.outputTokens ?? outputTokensPerChoice * chat.choiceCount;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** Three tokens around each message and three that open the answer, as OpenAI's cookbook counts. */
function countPrompt(chat: ParsedChat): number {
  const tools = chat.tools.reduce((sum, tool) => sum + 8 + countTokens(JSON.stringify(tool.parameters)), 0);
  const messages = chat.messages.reduce(
    (sum, message) => sum + 3 + countTokens(message.text) + message.imageCount * IMAGE_TOKENS,
    0,
  );
  return messages + tools + 3;
}
