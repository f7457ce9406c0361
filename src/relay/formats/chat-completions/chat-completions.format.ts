import { validateChat } from '../../validate-chat.js';
import type { ChatFormat } from '../chat-format.js';
import { ChatEvents } from './chat-events.js';

/** OpenAI's chat/completions, which is the canonical shape: bodies and whole answers pass through as they are. */
export const CHAT_COMPLETIONS: ChatFormat = {
  endpoint: 'chat/completions',
  read: (body) => {
    const request = validateChat(body);
    return {
      request,
      openStream: () => new ChatEvents(request.model, request.includeUsage),
      toWhole: ({ bytes }) => bytes,
    };
  },
};
