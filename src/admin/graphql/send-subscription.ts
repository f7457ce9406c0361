import type { FastifyReply } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import { writeStream } from '../../http/write-stream.js';
import { presentGraphqlError } from './present-graphql-error.js';

/** No subscription runs longer: clients begin anew, and with them who may see what is looked at anew. */
const SUBSCRIPTION_MS_MAX = 60 * 60_000;

/**
 * Sends the events of a subscription as GraphQL over SSE, distinct connections mode: `next` events, then `complete`.
 * https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverSSE.md
 */
export async function sendSubscription(
  reply: FastifyReply,
  results: AsyncGenerator<FormattedExecutionResult, void>,
  pingMs: number,
): Promise<void> {
  const end = new AbortController();
  const stop = (): void => {
    end.abort();
    // A generator that waits for the next event would never notice.
    void results.return(undefined);
  };
  const timer = setTimeout(stop, SUBSCRIPTION_MS_MAX);
  reply.raw.once('close', stop);
  try {
    await writeStream(
      reply,
      {
        kind: 'stream',
        headers: {},
        events: toEvents(results),
        signal: end.signal,
        toErrorEvent: (error) => toEvent('next', { errors: [presentGraphqlError(error, reply.request.id)] }),
      },
      pingMs,
    );
  } finally {
    clearTimeout(timer);
    await results.return(undefined);
  }
}

async function* toEvents(results: AsyncGenerator<FormattedExecutionResult, void>): AsyncGenerator<string, void> {
  for await (const result of results) yield toEvent('next', result);
  yield 'event: complete\ndata:\n\n';
}

function toEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
