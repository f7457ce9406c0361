import type { ChatOperation } from '../../provider.js';
import { fromResponsesBody } from './responses-answer.js';
import { toResponsesBody } from './responses-request.js';
import { ResponsesStream } from './responses-stream.js';

/** Chat by way of OpenAI's /responses. Its models begin anew whatever they are given, so that none goes on from a beginning. */
export const responsesChat = {
  path: '/responses',
  toBody: toResponsesBody,
  fromBody: fromResponsesBody,
  openStream: (target) => new ResponsesStream(target.upstreamModel),
} satisfies ChatOperation;
