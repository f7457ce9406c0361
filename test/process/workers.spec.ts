import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type HubProcess, startHubProcess } from '../support/hub-process.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

const WORKERS = 2;
/** Longer than the hub itself waits for its workers' figures. */
const ANSWER_MS_MAX = 8000;
const REPLACED_MS_MAX = 60_000;
/** So many that some are for each worker: one chance in a million million is left. */
const ASKED = 40;
/** A client that is told nothing waits as long as it likes; here, for this long. */
const UNANSWERED_MS_MAX = 45_000;
/** How a client learns that its connection has gone. */
const CUT_OFF = ['ECONNRESET', 'UND_ERR_SOCKET', 'EPIPE'];
/** Another try may reach another worker. */
const PROBE_MS_MAX = 1_000;
const METRICS_TOKEN = 'a-token-of-the-scraper-0123456789';

describeWithPostgres('HUB_WORKERS on PostgreSQL', () => {
  let postgres: PostgresServer;
  let hub: HubProcess;

  beforeAll(async () => {
    postgres = await startPostgres();
    hub = await startHubProcess({
      env: {
        DATABASE_URL: postgres.url,
        HUB_MASTER_KEY: randomBytes(32).toString('base64'),
        HUB_WORKERS: String(WORKERS),
        HUB_METRICS_TOKEN: METRICS_TOKEN,
      },
    });
  });
  afterAll(async () => {
    await hub?.kill();
    await postgres?.stop();
  });

  const get = (path: string, headers: Record<string, string> = {}, timeoutMs = ANSWER_MS_MAX): Promise<Response> =>
    fetch(hub.url + path, { headers: { ...headers, connection: 'close' }, signal: AbortSignal.timeout(timeoutMs) });
  const getMetrics = (): Promise<Response> => get('/metrics', { authorization: `Bearer ${METRICS_TOKEN}` });
  const scrape = async (): Promise<string> => {
    const answer = await getMetrics();
    expect(answer.status).toBe(200);
    return answer.text();
  };
  /** Undefined where the worker that was asked has just died: its connections go down with it. */
  const scrapeAgain = async (): Promise<string | undefined> => {
    const answer = await getMetrics().catch(() => undefined);
    return answer?.status === 200 ? answer.text() : undefined;
  };

  it('prints one banner for all of them', async () => {
    await until(() => hub.stdout().includes('UG AI Hub is running') || undefined);
    expect(hub.stdout().match(/UG AI Hub is running/g)).toHaveLength(1);
    expect(hub.stdout()).toContain('First start.');
  });

  it('replaces a worker that dies, and goes on serving', async () => {
    const before = childrenOf(hub.pid);
    expect(before).toHaveLength(WORKERS);
    process.kill(before[0]!, 'SIGKILL');
    await until(() => {
      const now = childrenOf(hub.pid);
      return (now.length === WORKERS && !now.includes(before[0]!)) || undefined;
    }, REPLACED_MS_MAX);
    expect((await get('/api/health')).status).toBe(200);
  });

  it('shows the metrics of all of them, and no count ever falls, also when one of them dies', async () => {
    const all = `hub_workers{state="answering"} ${WORKERS}`;
    /** Of a worker that takes too long to answer only what it said before is in the sum. */
    const scrapeAll = () =>
      until(async () => {
        const text = await scrapeAgain();
        return text?.includes(all) && text;
      }, REPLACED_MS_MAX);
    const before = healthRequests(await scrapeAll());
    // Each on a connection of its own, so that every worker gets some.
    for (let i = 0; i < 6 * WORKERS; i++) expect((await get('/api/health/live')).status).toBe(200);
    expect(healthRequests(await scrapeAll())).toBe(before + 6 * WORKERS);
    const [first, ...others] = childrenOf(hub.pid);
    process.kill(first!, 'SIGKILL');
    await until(async () => {
      const text = await scrapeAgain();
      if (text === undefined) return undefined;
      expect(healthRequests(text)).toBe(before + 6 * WORKERS);
      const living = childrenOf(hub.pid);
      return (living.length > others.length && text.includes(all)) || undefined;
    }, REPLACED_MS_MAX);
    expect(healthRequests(await scrape())).toBe(before + 6 * WORKERS);
  });

  it('leaves nobody waiting for a worker that dies before it has taken a connection', async () => {
    // The oldest, which has served all along.
    const [stopped] = childrenOf(hub.pid);
    // From here on nothing that is meant for this one gets any further than to where it waits.
    process.kill(stopped!, 'SIGSTOP');
    const asked = Array.from({ length: ASKED }, () =>
      get('/api/health/live', {}, UNANSWERED_MS_MAX).then(
        ({ status }) => status,
        (error: Error) => (error.cause as NodeJS.ErrnoException | undefined)?.code ?? error.name,
      ),
    );
    // The others may be starting: whoever asked before goes to the one that is stopped.
    const isServed = () =>
      get('/api/health/live', {}, PROBE_MS_MAX)
        .then(({ ok }) => ok)
        .catch(() => false);
    await until(isServed, REPLACED_MS_MAX);
    process.kill(stopped!, 'SIGKILL');
    const outcomes = new Set(await Promise.all(asked));
    for (const known of [200, ...CUT_OFF]) outcomes.delete(known);
    expect([...outcomes]).toEqual([]);
    await until(() => childrenOf(hub.pid).length === WORKERS || undefined, REPLACED_MS_MAX);
  });

  it('stops all of them on SIGTERM and exits 0', async () => {
    const workers = childrenOf(hub.pid);
    expect(await hub.stop()).toMatchObject({ code: 0, signal: null });
    for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow();
  });
});

/** Ids of the processes a process has started (Linux). */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function healthRequests(metrics: string): number {
  return Number(/^hub_requests_total\{route="health",status="2xx"\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
}
