import { cohereChat } from '../../simulators/cohere/cohere-chat.js';
import { simulatedDialect } from '../simulated-dialect.js';

/** Cohere's v2/chat. */
export const UPSTREAM = simulatedDialect(
  { provider: 'cohere', upstreamModel: 'command-a-reasoning-08-2025', takesThoughts: false },
  cohereChat,
  ({ max_tokens: cap }) => ({ cap, hasOwnThoughts: false }),
);
