import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface HeardRequest {
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/** An upstream that answers as a test says, byte by byte where it must. */
export interface AnsweringUpstream {
  /** Without a trailing slash. */
  readonly url: string;
  readonly heard: readonly HeardRequest[];
  answer: (request: HeardRequest, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** Starts one; until a test says how, it answers 500. */
export async function startAnsweringUpstream(): Promise<AnsweringUpstream> {
  const heard: HeardRequest[] = [];
  const server = createServer((request, response) => void serve(request, response));
  const upstream: { answer: AnsweringUpstream['answer'] } = { answer: (_, response) => response.writeHead(500).end() };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.on('error', () => response.destroy());
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const contentType = request.headers['content-type'] ?? '';
    const each = { path: request.url ?? '', contentType, body: Buffer.concat(chunks) };
    heard.push(each);
    upstream.answer(each, response);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(upstream, {
    url: `http://127.0.0.1:${port}/v1`,
    heard,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  });
}

/** Answers JSON. */
export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Answers events, and ends the body tidily. */
export function sendEvents(response: ServerResponse, events: readonly unknown[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) {
    response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
  }
  response.end();
}
