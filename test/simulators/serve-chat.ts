import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../../src/sandbox/http-exchange.js';
import type { ModelAnswer, SimulatedChat, Wire } from './simulated-chat.js';

const BODY_BYTES_MAX = 16 * 1024 * 1024;
const TYPES = { sse: 'text/event-stream', ndjson: 'application/x-ndjson', aws: 'application/vnd.amazon.eventstream' };

/** A simulated chat that listens. */
export interface ChatServer {
  readonly url: string;
  /** The body of the last request that was taken. */
  readonly lastBody: Wire;
  /** What the model says to the following requests. @param breaks a stream breaks off after the first words of the text. */
  speak(answer: ModelAnswer, breaks?: boolean): void;
  close(): Promise<void>;
}

/** Serves a simulated chat on a free port, whatever the path. What it would refuse is a 400 with the reason. */
export async function serveChat(simulated: SimulatedChat): Promise<ChatServer> {
  let lastBody: Wire = {};
  let spoken: ModelAnswer | undefined;
  let isBreaking = false;
  const answer = (response: ServerResponse, body: Wire): void => {
    simulated.hear(body);
    lastBody = body;
    if (spoken === undefined) throw new Error('nothing was said');
    if (body['stream'] !== true) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(simulated.whole(spoken));
      return;
    }
    const text = simulated.stream(spoken);
    response.writeHead(200, { 'content-type': TYPES[simulated.framing] });
    if (!isBreaking) response.end(text);
    else response.write(text.slice(0, text.length / 2), () => response.destroy());
  };
  const server = createServer((request, response) => {
    readBody(request, BODY_BYTES_MAX)
      .then((bytes) => answer(response, JSON.parse(bytes.toString('utf8'))))
      .catch((error: unknown) => {
        const message = String(error);
        response
          .writeHead(400, { 'content-type': 'application/json' })
          .end(JSON.stringify({ message, error: message }));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get lastBody() {
      return lastBody;
    },
    speak(answer, breaks = false) {
      spoken = answer;
      isBreaking = breaks;
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      }),
  };
}
