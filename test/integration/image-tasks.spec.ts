import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LateTaskStore } from '../../src/jobs/late/late-task-store.js';
import { Ledger } from '../../src/quota/ledger.js';
import { readForm } from '../contract/images/read-form.js';
import { dashscopeSimulator } from '../simulators/dashscope.js';
import { simulatedKling } from '../simulators/kling/kling.js';
import { Simulator } from '../simulators/simulator.js';
import { balanceOf, openHolds } from '../support/books.js';
import { freePort } from '../support/free-port.js';
import { startHub, type TestHub } from '../support/hub.js';
import { findUnsound } from '../support/sound-books.js';
import { jobEnd, submitJob } from '../support/submit-job.js';
import { until } from '../support/until.js';

// Pictures as tasks: while their caller waits, and as jobs.

const MODEL = 'kling-v2-1';
const PICTURE_COST = 40_000_000n;
const PNG_SIGNATURE = '89504e470d0a1a0a';
/** One pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let first: Simulator;
let second: Simulator;
let dashscope: Simulator;
let hub: TestHub;
let generation = 0;

beforeAll(async () => {
  first = await Simulator.start(simulatedKling());
  second = await Simulator.start(simulatedKling());
  dashscope = await Simulator.start(dashscopeSimulator);
  // With a port of its own, because the links to pictures name it.
  const PORT = String(await freePort());
  hub = await startHub({ env: { PORT, HUB_JOB_STATUS_MS_MAX: '50' } });
});
afterAll(async () => {
  await hub.close();
  await Promise.all([first.close(), second.close(), dashscope.close()]);
});
beforeEach(async () => {
  // What the test before left to be followed would be asked after in this one.
  await hub.sql.query('delete from late_task');
  for (const simulator of [first, second, dashscope]) {
    simulator.reset();
    simulator.obey({ progression: { by: 'looks', queued: 1, processing: 1 }, linkTtlMs: 60_000 });
  }
  await declare({});
});

/** New channels: those of the test before may still rest. */
async function declare(deadlines: { readonly wholeMs?: number }): Promise<void> {
  generation++;
  await hub.setChannels(
    [channel('first', first, 1), channel('second', second, 0)],
    [{ id: MODEL, price: { perImage: '0.04' }, routing: { deadlines } }],
  );
}

function channel(name: string, simulator: Simulator, priority: number) {
  return {
    name: `${name} ${generation}`,
    provider: 'kling',
    baseUrl: simulator.url,
    apiKey: simulator.credential,
    priority,
    models: new Map([[MODEL, MODEL]]),
    costs: new Map([[MODEL, { perImage: '0.03' }]]),
  };
}

const ask = (wanted: object = {}, signal?: AbortSignal) =>
  hub.post('/api/relay/v1/images/generations', { model: MODEL, prompt: 'a cat on grass', ...wanted }, { signal });

async function spentBy(work: () => Promise<void>): Promise<bigint> {
  const before = await balanceOf(hub.sql, hub.accountId);
  await work();
  return before.available - (await balanceOf(hub.sql, hub.accountId)).available;
}

/** What the operator has lost to pictures that nobody was given, in nano-credits. */
async function losses(): Promise<bigint[]> {
  const rows = await hub.sql.query<{ amount: string }>(
    `select amount from entry where kind = 'loss' and ref like '%:late' order by id`,
  );
  return rows.map(({ amount }) => BigInt(amount));
}

/** What has been lost since, once there is something. */
async function lossesAfter(before: readonly bigint[]): Promise<bigint[]> {
  return await until(async () => {
    const now = await losses();
    return now.length > before.length ? now.slice(before.length) : undefined;
  });
}

/** Asks for a picture and leaves as soon as the vendor has its task. Resolves when the request is over. */
async function leave(vendor = first, model = MODEL): Promise<void> {
  const leaving = new AbortController();
  const answer = ask({ model }, leaving.signal).catch(() => 'left');
  await until(() => vendor.tasks.list()[0]);
  leaving.abort();
  expect(await answer).toBe('left');
  await until(async () => (await openHolds(hub.sql)) === 0);
}

/** Whether any task has to be followed still, such as those of a state. */
async function isFollowed(where = 'true'): Promise<boolean> {
  return (await hub.sql.query(`select 1 from late_task where ${where}`)).length > 0;
}

describe('images/generations by tasks', () => {
  it('200: waits for the end, and charges each picture', async () => {
    const spent = await spentBy(async () => {
      const response = await ask({ n: 2, size: '1024x1024', user: 'u1' });
      expect(response.status).toBe(200);
      const body = (await response.json()) as { created: number; data: { url: string }[] };
      expect(body.created).toBeGreaterThan(1_700_000_000);
      expect(body.data).toHaveLength(2);
      const picture = await fetch(body.data[0]!.url);
      expect(Buffer.from(await picture.arrayBuffer()).toString('hex', 0, 8)).toBe(PNG_SIGNATURE);
    });
    expect(spent).toBe(2n * PICTURE_COST);
    expect(first.requests[0]?.json).toMatchObject({ model_name: MODEL, n: 2, aspect_ratio: '1:1', resolution: '1k' });
    expect([first.paid.total, second.paid.total]).toEqual([1, 0]);
    expect(await findUnsound(hub.sql)).toEqual([]);
  });

  it('200: gives pictures as base64 where that is asked for', async () => {
    const body = (await (await ask({ response_format: 'b64_json' })).json()) as { data: { b64_json: string }[] };
    expect(Buffer.from(body.data[0]!.b64_json, 'base64').toString('hex', 0, 8)).toBe(PNG_SIGNATURE);
  });

  it('200: streams the finished picture', async () => {
    const response = await ask({ stream: true });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const text = await response.text();
    expect(text).toMatch(
      /^event: image_generation\.completed\ndata: \{"type":"image_generation\.completed".*"b64_json":/m,
    );
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  it('400: names the option that the model does not have, and asks nobody', async () => {
    const response = await ask({ style: 'vivid' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'style' } });
    expect([first.requests, second.requests]).toEqual([[], []]);
  });

  it.each([['rate_limited'], ['failed_late']] as const)(
    '200: another channel makes it after %s, which made nothing',
    async (fault) => {
      first.setFaults({ fault });
      const spent = await spentBy(async () => expect((await ask()).status).toBe(200));
      expect(spent).toBe(PICTURE_COST);
      expect(second.paid.total).toBe(1);
    },
  );

  it('400: a content policy is not asked twice', async () => {
    first.setFaults({ fault: 'content_refused_late' });
    const spent = await spentBy(async () => {
      const response = await ask();
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: 'content_policy_violation' } });
    });
    expect([spent, second.paid.total]).toEqual([0n, 0]);
  });

  it('200: the task is found where the answer to its submission was lost', async () => {
    first.setFaults({ fault: 'lost_answer', times: 1 });
    const spent = await spentBy(async () => expect((await ask()).status).toBe(200));
    expect(spent).toBe(PICTURE_COST);
    expect([first.paid.total, second.paid.total]).toEqual([1, 0]);
  });

  it('502: nobody else is asked as long as it cannot be told whether a lost submission has made a task', async () => {
    await declare({ wholeMs: 300 });
    first.setFaults({ fault: 'lost_request', calls: ['create'], times: 1 });
    const spent = await spentBy(async () => expect((await ask()).status).toBe(502));
    expect(spent).toBe(0n);
    expect([first.paid.total, second.paid.total]).toEqual([0, 0]);
  });

  it('502: nobody else is asked after a fault that may have made a task', async () => {
    await declare({ wholeMs: 300 });
    first.setFaults({ fault: 'server_error', calls: ['create'], times: 1 });
    const spent = await spentBy(async () => expect((await ask()).status).toBe(502));
    expect(spent).toBe(0n);
    expect([first.paid.total, second.paid.total]).toEqual([0, 0]);
  });

  it('200: is not put off by an upstream that cannot be asked for a while', async () => {
    first.setFaults(
      { fault: 'server_error', calls: ['status'], times: 1 },
      { fault: 'lost_request', calls: ['status'], times: 1 },
    );
    expect((await ask()).status).toBe(200);
    expect(first.paid.total).toBe(1);
  });

  it('502: nobody else makes a picture again that cannot be fetched, and it is a loss of the operator', async () => {
    first.setFaults({ fault: 'forbidden_link' });
    const before = await losses();
    const spent = await spentBy(async () => expect((await ask({ response_format: 'b64_json' })).status).toBe(502));
    expect([spent, second.paid.total]).toEqual([0n, 0]);
    expect(await lossesAfter(before)).toEqual([30_000_000n]);
    expect(await findUnsound(hub.sql)).toEqual([]);
  });

  it('504: a task that outlives its request costs its caller nothing, and the operator what it is billed', async () => {
    await declare({ wholeMs: 300 });
    first.obey({ progression: { by: 'hand' } });
    const before = await losses();
    const spent = await spentBy(async () => {
      const response = await ask({ n: 2 });
      expect(response.status).toBe(504);
      expect(await response.json()).toMatchObject({ error: { code: 'upstream_timeout' } });
    });
    expect([spent, second.paid.total]).toEqual([0n, 0]);
    first.tasks.advance(first.tasks.list()[0]!.id, 'succeeded');
    expect(await lossesAfter(before)).toEqual([60_000_000n]);
    expect(await findUnsound(hub.sql)).toEqual([]);
    const alerts = await hub.sql.query<{ message: string }>(
      `select message from alert where dedupe_key like 'late_pictures:%' order by id`,
    );
    expect(alerts.at(-1)?.message).toMatch(
      /were made on channel "first \d+" after the request had ended: their 0\.06 credits/,
    );
  });

  it('books nothing for a task that is over without a picture after its client has left', async () => {
    first.obey({ progression: { by: 'hand' } });
    const before = await losses();
    const balance = await balanceOf(hub.sql, hub.accountId);
    await leave();
    first.tasks.advance(first.tasks.list()[0]!.id, 'failed');
    await until(async () => !(await isFollowed()));
    expect(await losses()).toEqual(before);
    expect((await balanceOf(hub.sql, hub.accountId)).available).toBe(balance.available);
    expect(second.requests).toEqual([]);
  });
});

describe('a task that outlives its request', () => {
  it('is followed although its channel was switched off meanwhile', async () => {
    first.obey({ progression: { by: 'hand' } });
    const before = await losses();
    await leave();
    await hub.setChannels([channel('third', second, 1)], [{ id: MODEL, price: { perImage: '0.04' } }]);
    first.tasks.advance(first.tasks.list()[0]!.id, 'succeeded');
    expect(await lossesAfter(before)).toEqual([30_000_000n]);
    expect(await isFollowed()).toBe(false);
  });

  it('is looked up where its submission was not answered', async () => {
    first.setFaults({ fault: 'lost_answer', times: 1 }, { fault: 'server_error', calls: ['status'] });
    const before = await losses();
    await leave();
    first.setFaults();
    expect(await lossesAfter(before)).toEqual([30_000_000n]);
    expect(await findUnsound(hub.sql)).toEqual([]);
  });

  it('is taken from a request that stood still, which then may not hand it out', async () => {
    first.obey({ progression: { by: 'hand' } });
    const before = await losses();
    const balance = await balanceOf(hub.sql, hub.accountId);
    const answer = ask();
    await until(() => isFollowed('task_ref is not null'));
    await hub.sql.query(`update hold set lease_until = now() - interval '1 minute' where state = 'open'`);
    await hub.app.get(Ledger).sweep();
    await until(() => isFollowed('followed_at is not null'));
    first.tasks.advance(first.tasks.list()[0]!.id, 'succeeded');
    expect((await answer).status).toBe(504);
    expect(await lossesAfter(before)).toEqual([30_000_000n]);
    expect((await balanceOf(hub.sql, hub.accountId)).available).toBe(balance.available);
    expect(await findUnsound(hub.sql)).toEqual([]);
  });

  it('is not waited for where its pictures were handed out', async () => {
    expect((await ask()).status).toBe(200);
    await hub.app.get(LateTaskStore).forgetDone();
    expect(await isFollowed()).toBe(false);
  });
});

describe('a job of pictures by tasks', () => {
  it('is submitted, asked after and fetched, and pays each picture', async () => {
    const spent = await spentBy(async () => {
      const id = await submitJob(hub, {
        kind: 'image',
        request: { prompt: 'a cat', count: 2, size: '16:9' },
        model: MODEL,
      });
      const { job, outputs } = await jobEnd(hub, id);
      expect(job).toMatchObject({ state: 'succeeded', provider: 'kling', model: MODEL });
      expect(outputs.map(({ contentType }) => contentType)).toEqual(['image/png', 'image/png']);
      expect(first.requests[0]?.json).toMatchObject({ n: 2, aspect_ratio: '16:9', external_task_id: `job_${id}` });
    });
    expect(spent).toBe(2n * PICTURE_COST);
    expect(await findUnsound(hub.sql)).toEqual([]);
  });

  it('finds the task whose submission was not answered', async () => {
    first.setFaults({ fault: 'lost_answer', times: 1 });
    const id = await submitJob(hub, { kind: 'image', request: { prompt: 'a lost cat', count: 1 }, model: MODEL });
    expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'succeeded' });
    expect([first.paid.total, second.paid.total]).toEqual([1, 0]);
  });

  it.each<[string, object, string]>([
    ['a quality', { quality: 'hd' }, 'quality'],
    [
      'a negative prompt beside a picture',
      { negativePrompt: 'dogs', image: 'https://pictures.example/a.png' },
      'negativePrompt',
    ],
    ['an option', { providerOptions: { image_reference: 'face' } }, 'providerOptions.image_reference'],
  ])('is refused when it is submitted: %s', async (_what, wanted, param) => {
    const response = await hub.post('/api/image/submit', { model: MODEL, prompt: 'a cat', ...wanted });
    expect(response.status).toBe(400);
    const body = (await response.json()) as { message: string };
    expect(JSON.stringify(body)).toContain(param.split('.').at(-1));
    expect([first.requests, second.requests]).toEqual([[], []]);
  });
});

describe('other ways to make pictures', () => {
  it('has a task called off whose client has left, where its vendor lets it', async () => {
    dashscope.obey({ progression: { by: 'hand' } });
    await declareOne('dashscope', `${dashscope.url}/compatible-mode/v1`, dashscope.credential, 'wan2.2-t2i-flash');
    const before = await losses();
    await leave(dashscope, 'picture');
    await until(() => dashscope.tasks.list()[0]?.phase === 'cancelled');
    // Called off, it is billed by nobody and followed by nobody.
    await until(async () => !(await isFollowed()));
    expect(await losses()).toEqual(before);
  });

  it('502: asks nobody else, and tells the operator, where a vendor cannot be asked for a lost submission', async () => {
    dashscope.setFaults({ fault: 'lost_answer', times: 1 });
    await declareOne('dashscope', `${dashscope.url}/compatible-mode/v1`, dashscope.credential, 'wan2.2-t2i-flash');
    expect((await ask({ model: 'picture' })).status).toBe(502);
    expect(dashscope.paid.total).toBe(1);
    const sent = `select message from alert where dedupe_key like 'late_trouble:submission_uncertain:%'`;
    const alert = await until(async () => (await hub.sql.query<{ message: string }>(sent))[0]);
    expect(alert.message).toContain('nothing told what became of its submission');
    expect(await isFollowed()).toBe(false);
  });

  it('sends a form where the vendor wants one, and gives its picture a link of the hub', async () => {
    const forms: { type: string; fields: Readonly<Record<string, unknown>> }[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const type = request.headers['content-type'] ?? '';
      forms.push({ type, fields: await readForm(Buffer.concat(chunks), type) });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ image: PNG, finish_reason: 'SUCCESS', seed: 1 }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      await declareOne('stability', `http://127.0.0.1:${port}/v2beta`, 'sk-of-nobody', 'sd3.5-large');
      const body = { model: 'picture', prompt: 'a cat', size: '1024x1024', response_format: 'url' };
      const spent = await spentBy(async () => {
        const response = await hub.post('/api/relay/v1/images/generations', body);
        const { data } = (await response.json()) as { data: { url: string }[] };
        const picture = await fetch(data[0]!.url);
        expect(Buffer.from(await picture.arrayBuffer()).toString('base64')).toBe(PNG);
      });
      expect(spent).toBe(PICTURE_COST);
      const id = await submitJob(hub, { kind: 'image', request: { prompt: 'a dog', count: 1 }, model: 'picture' });
      expect((await jobEnd(hub, id)).job).toMatchObject({ state: 'succeeded', provider: 'stability' });
      expect(forms.map(({ fields }) => fields)).toEqual([
        { prompt: 'a cat', aspect_ratio: '1:1', model: 'sd3.5-large' },
        { prompt: 'a dog', model: 'sd3.5-large' },
      ]);
      expect(forms.every(({ type }) => type.startsWith('multipart/form-data; boundary='))).toBe(true);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

async function declareOne(provider: string, baseUrl: string, apiKey: string, upstreamModel: string): Promise<void> {
  generation++;
  const models = new Map([['picture', upstreamModel]]);
  await hub.setChannels(
    [{ name: `${provider} ${generation}`, provider, baseUrl, apiKey, models }],
    [{ id: 'picture', price: { perImage: '0.04' } }],
  );
}
