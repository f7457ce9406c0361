import type { ChatFormat } from '../chat-format.js';
import { MessageEvents } from './message-events.js';
import { readMessages } from './read-messages.js';
import { toMessage } from './write-message.js';

/** Anthropic's Messages API. @param headers of the request that belong to its body: `anthropic-beta`. */
export function messagesFormat(headers: Readonly<Record<string, string>>): ChatFormat {
  return {
    endpoint: 'messages',
    read: (body) => {
      const { request, wording } = readMessages(body, headers);
      const { stop } = request.source.value;
      const sequences: readonly unknown[] = Array.isArray(stop) ? stop : [];
      return {
        request,
        wording,
        openStream: (facts) => new MessageEvents(request.model, facts, sequences),
        toWhole: (answer, facts) => Buffer.from(JSON.stringify(toMessage(answer, request.model, facts, sequences))),
      };
    },
  };
}
