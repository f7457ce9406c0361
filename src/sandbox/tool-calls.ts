import { createHash } from 'node:crypto';
import type { ChatTool, ParsedChat } from './chat-request.js';
import { exampleFromSchema } from './example-from-schema.js';

/** A call the assistant makes; `arguments` is JSON text. */
export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

const GREETING = /^\s*(hi|hello|hey|thanks|thank you|good (morning|evening)|你好|您好|谢谢|早上好)[\s!.,!。,]*$/iu;
const COMMON_WORDS = new Set([
  'get',
  'set',
  'find',
  'list',
  'search',
  'fetch',
  'current',
  'data',
  'info',
  'tool',
  'function',
]);

/** Decides which tools the answer calls; an empty list means an answer in words. */
export function composeToolCalls(chat: ParsedChat): readonly ToolCall[] {
  const last = chat.messages.at(-1);
  if (chat.toolChoice.mode === 'none' || last?.role !== 'user') return [];
  return chooseTools(chat, last.text).map((tool, index) => ({
    id: callId(`${chat.messages.length}:${index}:${tool.name}:${last.text}`),
    type: 'function',
    function: { name: tool.name, arguments: JSON.stringify(toArguments(tool, last.text)) },
  }));
}

function chooseTools(chat: ParsedChat, text: string): readonly ChatTool[] {
  const { toolChoice, tools } = chat;
  if (toolChoice.mode === 'named') return tools.filter((tool) => tool.name === toolChoice.name).slice(0, 1);
  const named = tools.filter((tool) => isNamed(tool.name, text));
  if (named.length === 0) {
    return toolChoice.mode === 'auto' && GREETING.test(text) ? [] : tools.slice(0, 1);
  }
  return chat.allowsParallelCalls ? named : named.slice(0, 1);
}

/** True when the text contains the tool's name or one of its telling words (`weather` of `get_weather`). */
function isNamed(name: string, text: string): boolean {
  const lower = text.toLowerCase();
  if (lower.includes(name.toLowerCase())) return true;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_-]+/);
  return words.some((word) => word.length >= 3 && !COMMON_WORDS.has(word) && lower.includes(word));
}

function toArguments(tool: ChatTool, text: string): unknown {
  const value = exampleFromSchema({ type: 'object', ...tool.parameters }, text);
  return value ?? {};
}

function callId(seed: string): string {
  return `call_${createHash('sha256').update(seed).digest('hex').slice(0, 24)}`;
}
