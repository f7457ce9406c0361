import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../support/until.js';
import { minimaxSimulator } from './minimax.js';
import { Simulator } from './simulator.js';

describe('a vendor that challenges the receiver of its callbacks', () => {
  let simulator: Simulator;
  let receiver: Server;
  let got: Record<string, unknown>[] = [];
  let answer = (body: string): string => body;

  beforeAll(async () => {
    simulator = await Simulator.start(minimaxSimulator);
    simulator.tasks.progression = { by: 'hand' };
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        got.push(JSON.parse(body));
        response.end(answer(body));
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    simulator.reset();
    got = [];
  });
  afterAll(async () => {
    receiver.closeAllConnections();
    receiver.close();
    await simulator.close();
  });

  const create = async (): Promise<string> => {
    const { port } = receiver.address() as AddressInfo;
    const body = {
      model: 'MiniMax-Hailuo-02',
      prompt: 'a cat',
      callback_url: `http://127.0.0.1:${port}/`,
    };
    const headers = { authorization: `Bearer ${simulator.credential}` };
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${simulator.url}/v1/video_generation`, request);
    return ((await response.json()) as { task_id: string }).task_id;
  };

  it('tells it of a task once it has given the challenge back', async () => {
    answer = (body) => body;
    const id = await create();
    await until(() => got.length === 2);
    expect(got[0]).toEqual({ challenge: expect.stringMatching(/./) });
    simulator.tasks.advance(id, 'succeeded');
    await until(() => got.length === 3);
    expect(got.slice(1)).toMatchObject([
      { task_id: id, status: 'processing' },
      { task_id: id, status: 'success' },
    ]);
  });

  it('tells nothing to one that answers something else', async () => {
    answer = () => '{"ok":true}';
    const id = await create();
    await until(() => simulator.callbacks[0]?.status === 200);
    simulator.tasks.advance(id, 'succeeded');
    answer = (body) => body;
    // The next task's challenge comes after anything that was sent for the first.
    await create();
    await until(() => got.length === 3);
    expect(got.filter((message) => message['task_id'] === id)).toEqual([]);
  });
});
