import type { ChatAnswer } from '../../../providers/canonical/chat.js';
import type { AnswerFacts, ChatFormat } from '../chat-format.js';
import { NO_EVENTS } from './event-sink.js';
import { inWordsOfResponses } from './in-words-of-responses.js';
import { OutputItems } from './output-items.js';
import { type ReadResponses, readResponses } from './read-responses.js';
import { ResponseEvents } from './response-events.js';
import { statusOf, toResponse } from './response-object.js';

/** OpenAI's /responses, without anything that is kept between requests. */
export const RESPONSES: ChatFormat = {
  endpoint: 'responses',
  read: (bytes) => {
    const read = readResponses(bytes);
    const { request, body, dropped, origins } = read;
    return {
      request,
      wording: { dropped, toOwn: (param) => inWordsOfResponses(param, origins) },
      openStream: (facts) => new ResponseEvents({ ...idsOf(facts), model: request.model, body }),
      toWhole: (answer, facts) => toWhole(read, answer, facts),
    };
  },
};

function idsOf({ requestId }: AnswerFacts): { id: string; seed: string } {
  const seed = requestId.replace(/^req_/, '');
  return { id: `resp_${seed}`, seed };
}

function toWhole({ request, body }: ReadResponses, { completion, usage }: ChatAnswer, facts: AnswerFacts): Uint8Array {
  const { id, seed } = idsOf(facts);
  const items = new OutputItems(seed, NO_EVENTS);
  const choice = completion.choices.find(({ index }) => index === 0);
  const ended = statusOf(choice?.finish_reason);
  if (choice !== undefined) items.take(choice.message, choice['logprobs']);
  items.end(ended.status === 'incomplete');
  const response = toResponse(body, request.model, {
    ...ended,
    id,
    createdAt: completion.created,
    output: items.all,
    serviceTier: completion['service_tier'],
    ...(usage !== undefined && { usage }),
  });
  return Buffer.from(JSON.stringify(response));
}
