import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import type { FastifyReply } from 'fastify';
import { RawClient, rawRequest } from '../../test/support/raw-client.js';
import { until } from '../../test/support/until.js';
import type { CaptureRecorder } from '../capture/capture-recorder.js';
import type { Settings } from '../config/settings.js';
import { Observers } from '../observers/observers.js';
import { AnswerSender } from './answer-sender.js';

// More than the kernels of both sides take at once.
const ANSWER_BYTES = 64 * 1024 * 1024;

it('cuts off a client that does not take a whole answer', async () => {
  let answer: ServerResponse | undefined;
  const sender = new AnswerSender(
    { relay: { streamPingMs: 1000 } } as Settings,
    {} as CaptureRecorder,
    new Observers(),
  );
  const server = createServer((_request, raw) => {
    const reply = { raw, hijack: () => undefined, getHeaders: () => ({}) } as unknown as FastifyReply;
    void sender.send(reply, { kind: 'json', headers: {}, body: Buffer.alloc(ANSWER_BYTES) }).then(() => {
      answer = raw;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = await RawClient.connect((server.address() as AddressInfo).port);
  client.socket.pause();
  client.send(rawRequest({ method: 'GET', path: '/', headers: [] }));
  await until(() => answer !== undefined);
  expect(answer?.writableFinished).toBe(false);
  expect(answer?.socket?.timeout).toBe(60_000);
  client.reset();
  server.close();
});
