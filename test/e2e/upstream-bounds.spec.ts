import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { HUB_COMMAND, type HubProcess, startHubProcess } from '../support/hub-process.js';
import { starvedMs } from '../support/quiet-clock.js';
import { until } from '../support/until.js';

const MIB = 1024 * 1024;
const BODY_BYTES_MAX = 16 * MIB;
// Linux counts CPU time in hundredths of a second.
const TICK_MS = 10;
// Says on SIGUSR2 how late the event loop was at worst in 99 of 100 turns since the last time.
const LOOP_MONITOR = `
import { monitorEventLoopDelay } from 'node:perf_hooks';
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.on('SIGUSR2', () => {
  process.stdout.write('loop delay ' + delay.percentile(99) / 1e6 + ' ms\\n');
  delay.reset();
});`;

let upstream: FakeUpstream;
let hub: HubProcess;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const [node = '', ...rest] = HUB_COMMAND;
  hub = await startHubProcess({
    command: [node, '--import', `data:text/javascript,${encodeURIComponent(LOOP_MONITOR)}`, ...rest],
    env: { HUB_SANDBOX: 'off', HUB_UPSTREAM_BODY_BYTES_MAX: String(BODY_BYTES_MAX) },
    config: `channels: [{ id: main, provider: openai-compatible, baseUrl: "${upstream.url}", apiKey: k, allowPrivateNetwork: true, models: { gpt-4: } }]
models: [{ id: gpt-4, price: { inputPerMillion: "1", outputPerMillion: "2" } }]`,
  });
  // Code that has run, sockets that are open and pages that are touched do not count as growth.
  for (let i = 0; i < 30; i++) await ask(i % 2 === 0);
});
beforeEach(() => upstream.reset());
afterAll(async () => {
  await hub.stop();
  await upstream.close();
});

async function ask(isStream: boolean): Promise<{ status: number; text: string }> {
  const response = await fetch(`${hub.url}/api/relay/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], stream: isStream }),
  });
  return { status: response.status, text: await response.text() };
}

/** What one attack cost the hub. */
interface Cost {
  readonly rssGrowthBytes: number;
  readonly cpuMs: number;
  /** How long it kept its event loop waiting; not how long others kept it from a processor. */
  readonly loopDelayMs: number;
}

/** Asks once with a fault and measures the hub meanwhile. */
async function attack(directive: Directive, isStream: boolean): Promise<{ status: number; text: string; cost: Cost }> {
  upstream.script(directive);
  await loopDelayMs();
  const rssBefore = hub.rssBytes();
  const cpuBefore = cpuMs();
  const starvedBefore = starvedMs(hub.pid);
  let rssPeak = rssBefore;
  const sampler = setInterval(() => {
    rssPeak = Math.max(rssPeak, hub.rssBytes());
  }, 5);
  const answer = await ask(isStream).finally(() => clearInterval(sampler));
  rssPeak = Math.max(rssPeak, hub.rssBytes());
  const cpu = cpuMs() - cpuBefore;
  const delay = (await loopDelayMs()) - (starvedMs(hub.pid) - starvedBefore);
  return { ...answer, cost: { rssGrowthBytes: rssPeak - rssBefore, cpuMs: cpu, loopDelayMs: delay } };
}

/** User and system time of the hub so far. */
function cpuMs(): number {
  const fields = readFileSync(`/proc/${hub.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function loopDelayMs(): Promise<number> {
  const before = hub.stdout().length;
  process.kill(hub.pid, 'SIGUSR2');
  return Number(await until(() => /loop delay ([\d.]+) ms\n/.exec(hub.stdout().slice(before))?.[1]));
}

describe('a stream with a line of 100 MB', () => {
  it('is given up at 1 MiB, in bounded memory, while the event loop stays free', async () => {
    const delays: number[] = [];
    for (let round = 0; round < 3; round++) {
      const { status, text, cost } = await attack({ giant_line: 100 * MIB, tokens: 1 }, true);
      expect(status).toBe(502);
      expect(JSON.parse(text)).toMatchObject({ error: { code: 'upstream_invalid_response' } });
      expect(cost.rssGrowthBytes).toBeLessThan(32 * MIB);
      delays.push(cost.loopDelayMs);
      await until(() => upstream.requests.at(-1)?.abortedAt !== undefined);
    }
    // The best of several, because this machine may be busy with other things.
    expect(Math.min(...delays)).toBeLessThan(100);
  });
});

describe('an answer that unpacks to 10 GB', () => {
  const bombs: readonly (readonly [string, Directive])[] = [
    ['gzip', { gzip_bomb: 10_000 * MIB }],
    ['gzip a thousand times', { encodings: 1000 }],
    ['br', { br: true }],
  ];

  it.each(bombs.flatMap(([name, directive]) => [false, true].map((isStream) => [name, isStream, directive] as const)))(
    'is refused unread: %s, stream %s',
    async (_name, isStream, directive) => {
      const { status, text, cost } = await attack(directive, isStream);
      expect(status).toBe(502);
      expect(JSON.parse(text)).toMatchObject({ error: { code: 'upstream_invalid_response' } });
      expect(upstream.requests[0]?.headers['accept-encoding']).toBe('identity');
      expect(cost.rssGrowthBytes).toBeLessThan(64 * MIB);
      expect(cost.cpuMs).toBeLessThan(1000);
    },
  );
});

describe('an answer of 300 MB', () => {
  it('is given up at the body limit, in bounded memory', async () => {
    const { status, text, cost } = await attack({ body_bytes: 300 * MIB }, false);
    expect(status).toBe(502);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'upstream_invalid_response' } });
    expect(cost.rssGrowthBytes).toBeLessThan(BODY_BYTES_MAX + 48 * MIB);
    await until(() => upstream.requests[0]?.abortedAt !== undefined);
  });

  it('does not hide one that is just small enough', async () => {
    const { status, text } = await attack({ body_bytes: 4 * MIB }, false);
    expect(status).toBe(200);
    expect(text.length).toBeGreaterThan(4 * MIB - 100);
  });
});

describe('an error answer of 20 MB', () => {
  it('is judged by its status', async () => {
    const { status, cost } = await attack({ status: 500, body: 'x'.repeat(20 * MIB) }, false);
    expect(status).toBe(502);
    expect(cost.rssGrowthBytes).toBeLessThan(32 * MIB);
  });
});

describe('the hub after all this', () => {
  it('still serves', async () => {
    expect((await ask(true)).text).toContain('data: [DONE]');
  });
});
