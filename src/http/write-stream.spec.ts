import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { FastifyReply } from 'fastify';
import { RawClient, rawRequest } from '../../test/support/raw-client.js';
import { until } from '../../test/support/until.js';
import { Cancellation } from '../common/cancellation.js';
import { writeStream } from './write-stream.js';

/** Events until the socket takes no more: the end of the stream is then still to be sent. */
async function* eventsUntilFull({ socket }: ServerResponse): AsyncGenerator<string, void> {
  while (socket?.writableLength === 0) {
    yield `data: ${'x'.repeat(8000)}\n\n`;
    await nextTurn();
  }
}

it('cuts off a client that does not take the end of a stream', async () => {
  let answer: ServerResponse | undefined;
  const server = createServer((_request, raw) => {
    answer = raw;
    const reply = { raw, hijack: () => undefined, getHeaders: () => ({}) } as unknown as FastifyReply;
    const signal = new Cancellation();
    const events = eventsUntilFull(raw);
    void writeStream(reply, { kind: 'stream', headers: {}, signal, events, toErrorEvent: String }, 1000);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = await RawClient.connect((server.address() as AddressInfo).port);
  client.socket.pause();
  client.send(rawRequest({ method: 'GET', path: '/', headers: [] }));
  await until(() => answer?.writableEnded);
  expect(answer?.writableFinished).toBe(false);
  expect(answer?.socket?.timeout).toBe(60_000);
  client.reset();
  server.close();
});
