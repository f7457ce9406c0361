import { createServer } from 'node:http';
import { startFakeUpstream } from '../support/fake-upstream.js';

/** A fake upstream in a process of its own, which counts how often each operation reached it.. */
const MARK = /op-\d+-/;

const counts = new Map<string, number>();
const upstream = await startFakeUpstream({ apiKey: process.env['UPSTREAM_KEY'] });
upstream.script(({ body }) => {
  const id = MARK.exec(body.toString('utf8'))?.[0];
  if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
  return undefined;
});
const control = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(Object.fromEntries(counts)));
});
control.listen(0, '127.0.0.1', () => {
  const address = control.address();
  const controlPort = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ url: upstream.url, controlPort })}\n`);
});
