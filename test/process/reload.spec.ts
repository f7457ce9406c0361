import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type HubProcess, startHubProcess } from '../support/hub-process.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';
import { askChat, configOf } from './hub-calls.js';

/** Far above the two seconds between looks: the machine may have other things to do. */
const APPLIED_MS_MAX = 30_000;
const STREAMED_TOKENS = 48;

let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream();
});
afterAll(() => upstream.close());

const write = (hub: HubProcess, text: string): void => writeFileSync(hub.configFile ?? '', text);

async function statusOf(hub: HubProcess, model: string): Promise<number> {
  const answer = await askChat(hub, { model });
  await answer.arrayBuffer();
  return answer.status;
}

/** Waits until the hub serves one model, and not another any more. */
function untilServed(hub: HubProcess, model: string, gone: string): Promise<unknown> {
  return until(async () => (await statusOf(hub, model)) === 200 && (await statusOf(hub, gone)) === 404, APPLIED_MS_MAX);
}

/** Begins a stream that lasts for a while. */
async function openStream(hub: HubProcess, model: string) {
  upstream.script({ tokens: STREAMED_TOKENS, token_ms: 250 });
  const answer = await askChat(hub, { model, stream: true });
  expect(answer.status).toBe(200);
  upstream.script(undefined);
  let isDone = false;
  const text = answer.text().finally(() => {
    isDone = true;
  });
  return { text, isDone: () => isDone };
}

describe('a running hub whose HUB_CONFIG is edited', () => {
  it('follows what is good, names what is not by its line, and drops nothing', async () => {
    const hub = await startHubProcess({ config: configOf(upstream.url, 'one:') });
    const stream = await openStream(hub, 'one');
    write(hub, configOf(upstream.url, 'two:'));
    await untilServed(hub, 'two', 'one');
    expect(stream.isDone()).toBe(false);

    write(hub, configOf(upstream.url, 'three:').replace('provider:', 'provyder:'));
    await until(() => hub.stdout().includes('HUB_CONFIG cannot be used'), APPLIED_MS_MAX);
    expect(hub.stdout()).toContain('hub.yaml:3: unknown key `provyder` in channels[0]; did you mean `provider`?');
    expect(await statusOf(hub, 'two')).toBe(200);

    write(hub, configOf(upstream.url, 'four:'));
    await untilServed(hub, 'four', 'two');

    // What began on a channel that has lost its model goes on to its end.
    const text = await stream.text;
    expect(text.match(/"content":"/g)?.length).toBeGreaterThanOrEqual(STREAMED_TOKENS);
    expect(text).toContain('data: [DONE]');
    expect(hub.stdout()).not.toContain('credential-of-the-upstream');
    // The process is the one that was started: it ends now, and not before.
    expect(await hub.stop()).toMatchObject({ code: 0 });
  });

  it('takes SIGHUP as the wish to read it again', async () => {
    const hub = await startHubProcess({ config: configOf(upstream.url, 'one:') });
    const applied = () => hub.stdout().split('HUB_CONFIG was applied').length - 1;
    expect(applied()).toBe(0);
    process.kill(hub.pid, 'SIGHUP');
    await until(() => applied() === 1, APPLIED_MS_MAX);
    expect(await statusOf(hub, 'one')).toBe(200);
    expect(await hub.stop()).toMatchObject({ code: 0 });
  });
});

describeWithPostgres('HUB_WORKERS whose HUB_CONFIG is edited', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  it('make the change once, all follow, and SIGHUP reaches them', async () => {
    const env = {
      DATABASE_URL: postgres.url,
      HUB_MASTER_KEY: randomBytes(32).toString('base64'),
      HUB_WORKERS: '2',
    };
    const hub = await startHubProcess({ env, config: configOf(upstream.url, 'one:') });
    const applied = () => hub.stdout().match(/HUB_CONFIG was applied[^"]*/g) ?? [];
    write(hub, configOf(upstream.url, 'two:'));
    await until(() => applied().length === 2, APPLIED_MS_MAX);
    expect([...applied()].sort()).toEqual(['HUB_CONFIG was applied.', 'HUB_CONFIG was applied; it changes nothing.']);
    await untilServed(hub, 'two', 'one');
    process.kill(hub.pid, 'SIGHUP');
    await until(() => applied().length === 4, APPLIED_MS_MAX);
    expect(await hub.stop()).toMatchObject({ code: 0 });
  });
});
