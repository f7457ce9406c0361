import type { FastifyReply } from 'fastify';
import { writeStream } from '../../http/write-stream.js';
import type { SubscriptionEvents } from './admin-server.js';
import { presentGraphqlError } from './present-graphql-error.js';

/** No subscription runs longer: clients begin anew, and with them who may see what is looked at anew. */
const SUBSCRIPTION_MS_MAX = 60 * 60_000;
/** So long after a session was ended, its streams end too. */
const RECHECK_MS = 1_000;

/**
 * Sends the events of a subscription for as long as its session is one: GraphQL over SSE, distinct connections mode, so `next`
 * events, then `complete`.
 * https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverSSE.md
 */
export async function sendSubscription(
  reply: FastifyReply,
  results: SubscriptionEvents,
  pingMs: number,
  isStillValid: () => Promise<boolean>,
): Promise<void> {
  const end = new AbortController();
  const stop = (): void => {
    end.abort();
    void results.return();
  };
  const timer = setTimeout(stop, SUBSCRIPTION_MS_MAX);
  const recheck = setInterval(() => {
    // While the database is away nothing new is sent either; the next look decides.
    isStillValid().then(
      (isValid) => isValid || stop(),
      () => undefined,
    );
  }, RECHECK_MS);
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
    clearInterval(recheck);
    await results.return();
  }
}

async function* toEvents(results: SubscriptionEvents): AsyncGenerator<string, void> {
  for (let next = await results.next(); next.done !== true; next = await results.next()) {
    yield toEvent('next', next.value);
  }
  yield 'event: complete\ndata:\n\n';
}

function toEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
