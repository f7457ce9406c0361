import { ollamaChat } from '../../simulators/ollama-native/ollama-chat.js';
import { isWire } from '../../simulators/simulated-chat.js';
import { simulatedDialect } from '../simulated-dialect.js';

/** Ollama's api/chat. */
export const UPSTREAM = simulatedDialect(
  { provider: 'ollama-native', upstreamModel: 'qwen3:8b', takesThoughts: true },
  ollamaChat,
  ({ options, messages }) => ({
    cap: isWire(options) ? options['num_predict'] : undefined,
    hasOwnThoughts: Array.isArray(messages) && messages.some((message) => isWire(message) && 'thinking' in message),
  }),
);
