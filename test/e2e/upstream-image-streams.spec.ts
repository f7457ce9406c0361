import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RelayRun } from '../../src/relay/relay-run.js';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { requestLine } from '../support/relay-client.js';

const PIXEL = 'iVBORw0KGgo=';
const IMAGES = '/api/relay/v1/images/';

let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const models = new Map([['gpt-image-1', 'gpt-image-1']]);
  hub = await startHub({ channels: [{ name: 'main', provider: 'openai', baseUrl: upstream.url, models }] });
});
beforeEach(() => upstream.reset());
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

/** Streams a generation, or an edit, with what the upstream is told. */
function draw(directive: Directive, operation = 'generations'): Promise<Response> {
  upstream.script(directive);
  const image = operation === 'edits' ? { images: [{ image_url: `data:image/png;base64,${PIXEL}` }] } : {};
  return hub.post(IMAGES + operation, { model: 'gpt-image-1', prompt: 'a cat', stream: true, ...image });
}

const completed = (usage: object): string => {
  const value = { type: 'image_generation.completed', b64_json: PIXEL, usage };
  return `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
};
const events = (body: string): Directive => ({ status: 200, body, content_type: 'text/event-stream' });

describe('a stream of pictures', () => {
  it('is counted by the usage of its completed event', async () => {
    const response = await draw(events(completed({ input_tokens: 7, output_tokens: 272, total_tokens: 279 })));
    expect(await response.text()).toContain(PIXEL);
    const line = await requestLine(hub, response);
    expect(line).toMatchObject({ outcome: 'done', images: 1, inputTokens: 7, outputTokens: 272 });
    expect(line).toHaveProperty('firstTokenMs');
  });

  it('has as many pictures as came, whatever the upstream claims', async () => {
    const response = await draw(events(completed({ input_tokens: 7, output_tokens: 272, generated_images: 5000 })));
    expect(await response.text()).toContain(PIXEL);
    expect(await requestLine(hub, response)).toMatchObject({ outcome: 'done', images: 1, outputTokens: 272 });
  });

  it.each<[string, Directive]>([
    ['streamed', events(completed({}))],
    ['whole', { status: 200, body: { created: 1, data: [{ b64_json: PIXEL }] } }],
  ])('has its books closed before the last picture goes out: %s', async (_form, directive) => {
    const order: string[] = [];
    const finish = RelayRun.prototype.finish;
    const finishing = jest.spyOn(RelayRun.prototype, 'finish').mockImplementation(async function (
      this: RelayRun,
      outcome,
    ) {
      await finish.call(this, outcome);
      order.push('closed');
    });
    hub.app.getHttpServer().prependOnceListener('request', (_request: unknown, answer: ServerResponse) => {
      const write = answer.write.bind(answer) as (chunk: string) => boolean;
      Object.assign(answer, {
        write: (chunk: string) => {
          if (chunk.includes(PIXEL)) order.push('picture');
          return write(chunk);
        },
      });
    });
    await (await draw(directive)).text();
    finishing.mockRestore();
    expect(order.slice(0, 2)).toEqual(['closed', 'picture']);
  });
});

describe('a whole answer to a stream request', () => {
  it.each([
    ['generations', 'image_generation.completed'],
    ['edits', 'image_edit.completed'],
  ])('becomes events of the right name: %s', async (operation, name) => {
    const response = await draw({ status: 200, body: { created: 1, data: [{ b64_json: PIXEL }] } }, operation);
    const text = await response.text();
    expect(text).toContain(`event: ${name}\ndata: {"type":"${name}"`);
    expect(await requestLine(hub, response)).toMatchObject({ outcome: 'done', images: 1 });
  });
});
