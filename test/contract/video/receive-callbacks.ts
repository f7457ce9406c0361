import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../../support/until.js';

/** A message as it arrived. */
export interface ReceivedCallback {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Where a vendor's callbacks arrive. */
export interface CallbackReceiver extends AsyncDisposable {
  readonly url: string;
  /** The oldest that has not been read. */
  next(): Promise<ReceivedCallback>;
}

/** Listens on a free port of the loopback. */
export async function receiveCallbacks(): Promise<CallbackReceiver> {
  const received: ReceivedCallback[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    received.push({ headers, body: Buffer.concat(chunks) });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    next: () => until(() => received.shift()),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
