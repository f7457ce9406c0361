import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startHub, type TestHub } from '../support/hub.js';
import { until } from '../support/until.js';

const TOKEN = 'a-token-of-the-scraper-0123456789';

describe('a hub with HUB_METRICS_TOKEN', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startHub({ env: { HUB_METRICS_TOKEN: TOKEN } });
  });
  afterAll(() => hub?.close());

  const ask = (authorization?: string, path = '/metrics', method = 'GET'): Promise<Response> =>
    fetch(hub.url + path, { method, headers: authorization === undefined ? {} : { authorization } });
  const scrape = async (): Promise<string> => (await ask(`Bearer ${TOKEN}`)).text();

  it('shows its metrics to who has the token', async () => {
    const answer = await ask(`Bearer ${TOKEN}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const text = await answer.text();
    for (const name of ['process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds', 'hub_ledger_queue']) {
      expect(text).toContain(`# TYPE ${name} `);
    }
  });

  // T159
  it('looks to everybody else as if there were nothing', async () => {
    const nothing = await ask(undefined, '/metricz');
    const expected = { status: 404, headers: namesOf(nothing), body: await nothing.text() };
    const wrong = [
      undefined,
      'Bearer',
      'Bearer ',
      `Bearer ${hub.apiKey}`,
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
      `Bearer ${TOKEN} ${TOKEN}`,
      `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`,
      TOKEN,
    ];
    for (const authorization of wrong) {
      const answer = await ask(authorization);
      expect({ status: answer.status, headers: namesOf(answer), body: await answer.text() }).toEqual(expected);
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await ask(undefined, '/metrics', method);
      expect({ status: answer.status, allow: answer.headers.get('allow') }).toEqual({ status: 404, allow: null });
    }
    expect((await ask(undefined, '/metrics', 'HEAD')).status).toBe(404);
  });

  it('takes the token in no other way, and the token for nothing else', async () => {
    expect((await ask(undefined, `/metrics?token=${TOKEN}`)).status).toBe(404);
    expect((await ask(`Bearer ${TOKEN}`, '/api/relay/v1/models')).status).toBe(401);
  });

  it('counts requests by their classes', async () => {
    const requests = (text: string): number =>
      Number(/^hub_requests_total\{route="health",status="2xx"\} (\d+)$/m.exec(text)?.[1] ?? 0);
    const before = requests(await scrape());
    for (let i = 0; i < 3; i++) await (await fetch(`${hub.url}/api/health/live`)).text();
    await until(async () => requests(await scrape()) >= before + 3);
    expect(requests(await scrape())).toBe(before + 3);
  });

  it('keeps its series few whatever callers send', async () => {
    const post = (name: string) =>
      hub.post('/api/relay/v1/chat/completions', { model: name, messages: [{ role: 'user', content: 'x' }] });
    await (await post('unknown')).text();
    await (await fetch(`${hub.url}/nothing/here`)).text();
    const before = seriesOf(await scrape());
    for (let i = 0; i < 50; i++) {
      await (await post(`unknown-${i}`)).text();
      await (await fetch(`${hub.url}/nothing/${i}`)).text();
    }
    expect(seriesOf(await scrape())).toEqual(before);
  });

  it('has a line in docs/observability.md for each of its metrics, and no other is there', async () => {
    const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'observability.md'), 'utf8');
    const documented = [...guide.matchAll(/^\| `((?:hub|gen_ai)_\w+)` \|/gm)].map(([, name]) => name);
    const served = [...(await scrape()).matchAll(/^# TYPE ((?:hub|gen_ai)_\w+) /gm)].map(([, name]) => name);
    // Only the process that starts the workers knows how many there are.
    expect(documented.sort()).toEqual([...served, 'hub_workers'].sort());
  });

  it('shows neither keys nor accounts', async () => {
    const text = await scrape();
    expect(text).not.toContain(hub.apiKey);
    expect(text).not.toMatch(/\{[^}]*(key|account|user|address)\w*=/i);
  });
});

describe('a hub without HUB_METRICS_TOKEN', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startHub();
  });
  afterAll(() => hub?.close());

  it('has no metrics for anybody', async () => {
    for (const authorization of [undefined, `Bearer ${TOKEN}`, `Bearer ${hub.apiKey}`]) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      expect((await fetch(`${hub.url}/metrics`, { headers })).status).toBe(404);
    }
  });
});

function namesOf(answer: Response): string[] {
  return [...answer.headers.keys()].sort();
}

/** Names and labels, but for those that the runtime adds by itself. */
function seriesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('hub_') || line.startsWith('gen_ai_'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')));
}
