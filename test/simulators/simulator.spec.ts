import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../support/until.js';
import { TROUBLES } from './faults.js';
import { json, type SimulatedVendor, textMember } from './simulated-vendor.js';
import { CALLBACK_SECRET, Simulator } from './simulator.js';

/** A vendor that says as little as one can. */
const toy: SimulatedVendor = {
  id: 'toy',
  credential: 'toy-key',
  routes: [
    {
      method: 'POST',
      path: '/tasks',
      call: 'create',
      handle: ({ json: body, raw }, world) => {
        const draft = { id: `t${world.nextNumber()}`, family: '', model: 'm', duration: 5 };
        const prompt = textMember(body, 'prompt');
        const callbackUrl = textMember(body, 'callback');
        return json(200, { id: world.tasks.create({ ...draft, prompt, callbackUrl }, raw.toString()).id });
      },
    },
    {
      method: 'GET',
      path: '/tasks/:id',
      call: 'status',
      handle: ({ params }, world) => {
        const task = world.tasks.look(params['id']!);
        return task === undefined ? json(404, {}) : json(200, { phase: task.phase, links: world.linksOf(task) });
      },
    },
  ],
  authorize: ({ headers }, world) => (headers['authorization'] === world.credential ? undefined : json(401, {})),
  refuse: (refusal) => json(418, { refusal }),
  notFound: () => json(404, { error: 'no route' }),
  toCallback: (task, _world, secret) => ({ headers: { 'x-secret': secret }, body: `${task.id} ${task.phase}` }),
};

describe('a simulator', () => {
  let simulator: Simulator;
  let now = 1_700_000_000_000;
  beforeAll(async () => {
    simulator = await Simulator.start(toy, { nowMs: () => now });
  });
  beforeEach(() => {
    simulator.reset();
    simulator.tasksMax = 100;
    simulator.tasks.progression = { by: 'looks', queued: 1, processing: 2 };
  });
  afterAll(() => simulator.close());

  const call = async (method: string, path: string, body?: unknown, key = toy.credential) => {
    const request = { method, headers: { authorization: key }, body: body === undefined ? null : JSON.stringify(body) };
    const response = await fetch(`${simulator.url}${path}`, request);
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const create = async (prompt = 'a cat', more: object = {}): Promise<string> =>
    (await call('POST', '/tasks', { prompt, ...more })).body.id;
  const phases = async (id: string, looks: number): Promise<string[]> => {
    const seen: string[] = [];
    for (let i = 0; i < looks; i++) seen.push((await call('GET', `/tasks/${id}`)).body.phase);
    return seen;
  };
  const linkOf = async (id: string): Promise<string> => (await call('GET', `/tasks/${id}`)).body.links[0];

  it('moves a task on by being asked after', async () => {
    expect(await phases(await create(), 5)).toEqual(['queued', 'processing', 'processing', 'succeeded', 'succeeded']);
  });

  it('moves a task on by time', async () => {
    simulator.tasks.progression = { by: 'time', queuedMs: 1_000, processingMs: 2_000 };
    const id = await create();
    const seen: string[] = [];
    for (const wait of [0, 1_000, 1_999, 1]) {
      now += wait;
      seen.push(...(await phases(id, 1)));
    }
    expect(seen).toEqual(['queued', 'processing', 'processing', 'succeeded']);
  });

  it('moves a task on by hand', async () => {
    simulator.obey({ progression: { by: 'hand' } });
    const id = await create();
    expect(await phases(id, 3)).toEqual(['queued', 'queued', 'queued']);
    simulator.obey({ advance: { id } });
    expect(await phases(id, 1)).toEqual(['processing']);
    simulator.obey({ advance: { id, phase: 'failed' } });
    expect(await phases(id, 1)).toEqual(['failed']);
    expect(() => simulator.obey({ advance: { id: 'nobody' } })).toThrow('nobody');
  });

  it('refuses a wrong credential, and a path that it does not have', async () => {
    expect((await call('GET', '/tasks/t1', undefined, 'other')).status).toBe(401);
    expect(await call('GET', '/elsewhere')).toEqual({ status: 404, body: { error: 'no route' } });
  });

  it('refuses in the words of the vendor as often as it was told, and makes nothing', async () => {
    simulator.setFaults({ fault: 'rate_limited', times: 2 });
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await call('POST', '/tasks', { prompt: 'a cat' }));
    expect(answers.map(({ status }) => status)).toEqual([418, 418, 200]);
    expect(answers[0]!.body).toEqual({ refusal: 'rate_limited' });
    expect(simulator.paid.total).toBe(1);
  });

  it('goes by a mark in the request, by the kind of the call, and by chance', async () => {
    const odds = [0.9, 0.1];
    const gambler = await Simulator.start(toy, { random: () => odds.shift()! });
    gambler.setFaults({ fault: 'bad_parameter', chance: 0.5 });
    const send = () => fetch(`${gambler.url}/tasks`, { method: 'POST', headers: { authorization: toy.credential } });
    expect([(await send()).status, (await send()).status]).toEqual([200, 418]);
    await gambler.close();

    simulator.setFaults(
      { fault: 'bad_parameter', match: 'mark-7' },
      { fault: 'server_error', calls: ['status'], times: 1 },
    );
    expect((await call('POST', '/tasks', { prompt: 'with mark-7' })).status).toBe(418);
    const id = await create('with mark-8');
    expect((await call('GET', `/tasks/${id}`)).status).toBe(418);
    expect((await call('GET', `/tasks/${id}`)).status).toBe(200);
  });

  it('refuses a task too many until one is over', async () => {
    simulator.tasksMax = 1;
    const id = await create();
    expect(await call('POST', '/tasks', {})).toEqual({ status: 418, body: { refusal: 'concurrency' } });
    simulator.tasks.advance(id, 'succeeded');
    expect((await call('POST', '/tasks', {})).status).toBe(200);
  });

  it.each([
    ['lost_request', 0],
    ['lost_answer', 1],
  ] as const)('cuts the connection: %s leaves %s tasks', async (fault, tasks) => {
    simulator.setFaults({ fault, times: 1 });
    await expect(create()).rejects.toThrow();
    expect(simulator.paid.total).toBe(tasks);
    expect(simulator.requests.map(({ status }) => status)).toEqual([undefined]);
  });

  it('takes a task on and never says so', async () => {
    simulator.setFaults({ fault: 'silence', times: 1 });
    const stop = new AbortController();
    const headers = { authorization: toy.credential };
    const waiting = fetch(`${simulator.url}/tasks`, { method: 'POST', headers, body: '{}', signal: stop.signal });
    await until(() => simulator.paid.total === 1);
    stop.abort();
    await expect(waiting).rejects.toThrow();
  });

  it('fails without a body', async () => {
    simulator.setFaults({ fault: 'empty_error' });
    expect(await call('POST', '/tasks', {})).toEqual({ status: 502, body: undefined });
  });

  it.each([
    ['content_refused_late', ['queued', 'processing', 'processing', 'failed']],
    ['stuck', ['queued', 'processing', 'processing', 'processing', 'processing', 'processing']],
    ['unknown_status', ['queued', 'unknown', 'unknown', 'succeeded']],
  ] as const)('has a task with the trouble %s', async (fault, expected) => {
    simulator.setFaults({ fault });
    expect(await phases(await create(), expected.length)).toEqual(expected);
  });

  it('forgets a task that it was paid for', async () => {
    simulator.setFaults({ fault: 'vanished' });
    expect((await call('GET', `/tasks/${await create()}`)).status).toBe(404);
    expect(simulator.paid.total).toBe(1);
  });

  describe('the files', () => {
    beforeEach(() => simulator.obey({ progression: { by: 'hand' }, linkTtlMs: 60_000 }));

    const finished = async (...faults: (typeof TROUBLES)[number][]): Promise<string> => {
      simulator.setFaults(...faults.map((fault) => ({ fault })));
      const id = await create();
      simulator.tasks.advance(id, 'succeeded');
      return id;
    };

    it('are an MP4, whole or in part', async () => {
      const link = await linkOf(await finished());
      const whole = await fetch(link);
      const bytes = Buffer.from(await whole.arrayBuffer());
      expect([whole.status, whole.headers.get('content-type'), bytes.toString('latin1', 4, 8)]).toEqual([
        200,
        'video/mp4',
        'ftyp',
      ]);
      const part = await fetch(link, { headers: { range: 'bytes=4-7' } });
      expect([part.status, await part.text()]).toEqual([206, 'ftyp']);
      expect((await fetch(link, { headers: { range: 'bytes=999999-' } })).status).toBe(416);
    });

    it('end with their link', async () => {
      const id = await finished();
      const link = await linkOf(id);
      now += 60_000;
      expect((await fetch(link)).status).toBe(403);
      expect((await fetch(await linkOf(id))).status).toBe(200);
    });

    it('are refused as long as it was told', async () => {
      const stale = await finished('expired_link');
      expect((await fetch(await linkOf(stale))).status).toBe(403);
      expect((await fetch(await linkOf(stale))).status).toBe(200);
      const forbidden = await finished('forbidden_link');
      expect((await fetch(await linkOf(forbidden))).status).toBe(403);
      expect((await fetch(await linkOf(forbidden))).status).toBe(403);
    });

    it('are not there for a success without any', async () => {
      const id = await finished('success_without_url');
      expect((await call('GET', `/tasks/${id}`)).body).toEqual({ phase: 'succeeded', links: [] });
    });
  });

  it('tells of each change, twice or with a wrong signature when it shall', async () => {
    const got: string[] = [];
    const receiver = createServer((request, response) => {
      request.on('data', (chunk) => got.push(`${chunk} ${request.headers['x-secret'] === CALLBACK_SECRET}`));
      request.on('end', () => response.end());
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const callback = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const first = await create('a', { callback });
    simulator.tasks.advance(first);
    await until(() => got.length === 2);
    simulator.setFaults({ fault: 'duplicate_callback', match: 'twice' }, { fault: 'forged_callback', match: 'forged' });
    const second = await create('twice', { callback });
    const third = await create('forged', { callback });
    await until(() => got.length === 5);
    const expected = [`${first} queued true`, `${first} processing true`, `${second} queued true`];
    expect(got.sort()).toEqual([...expected, `${second} queued true`, `${third} queued false`].sort());
    await until(() => simulator.callbacks.every(({ status }) => status === 200));
    receiver.closeAllConnections();
    receiver.close();
  });

  it('obeys and tells over HTTP', async () => {
    await call('POST', '/__control', { faults: [{ fault: 'stuck' }], progression: { by: 'hand' } });
    const id = await create('a dog');
    await call('POST', '/__control', { advance: { id } });
    const { body } = await call('GET', '/__control?requests=1');
    expect(body.paid).toEqual({ total: 1, byExternalId: {}, byPrompt: { 'a dog': 1 } });
    expect(body.tasks).toMatchObject([{ id, phase: 'processing', troubles: ['stuck'] }]);
    expect(body.requests).toMatchObject([{ method: 'POST', path: '/tasks', status: 200 }]);
    expect(
      (await fetch(`${simulator.url}/__control`, { method: 'POST', body: '{"faults":[{"fault":"x"}]}' })).status,
    ).toBe(500);
  });

  it('never says its credential where its log is read', async () => {
    await create();
    expect(JSON.stringify((await call('GET', '/__control?requests=1')).body)).not.toContain(toy.credential);
  });
});

describe('a simulator in a process of its own', () => {
  const start = (...args: string[]) => {
    const main = ['--import', './test/support/register-ts.mjs', 'test/simulators/main.ts', ...args];
    return spawn(process.execPath, main, { cwd: join(import.meta.dirname, '..', '..') });
  };

  it('says where it listens, and takes its switches and tells its counts there', async () => {
    const child = start('kling', 'key-1');
    try {
      const lines: string[] = [];
      createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
      const { url } = JSON.parse(await until(() => lines[0]));
      const command = { faults: [{ fault: 'lost_answer', match: 'mark-1' }] };
      await fetch(`${url}/__control`, { method: 'POST', body: JSON.stringify(command) });
      const create = (prompt: string) =>
        fetch(`${url}/v1/videos/text2video`, {
          method: 'POST',
          headers: { authorization: 'Bearer key-1' },
          body: JSON.stringify({ prompt, external_task_id: prompt }),
        });
      await expect(create('mark-1')).rejects.toThrow();
      expect((await create('mark-2')).status).toBe(200);
      const { paid } = JSON.parse(await (await fetch(`${url}/__control`)).text());
      expect(paid).toMatchObject({ total: 2, byExternalId: { 'mark-1': 1, 'mark-2': 1 } });
    } finally {
      child.kill();
    }
  });

  it('says what it can simulate when it is asked for something else', async () => {
    const child = start('nobody');
    const lines: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(2);
    await until(() => lines.some((line) => line.startsWith('Usage: main.ts kling')));
  });
});
