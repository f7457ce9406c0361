import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type AnsweringUpstream, sendJson, startAnsweringUpstream } from '../support/answering-upstream.js';
import { type HubProcess, startHubProcess } from '../support/hub-process.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';
import { askChat, configOf } from './hub-calls.js';

/** Far above the two seconds between looks: the machine may have other things to do. */
const APPLIED_MS_MAX = 30_000;
const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };

/** Streams begin at once, and end when a test lets them. */
let upstream: AnsweringUpstream;
let releaseStreams: () => void;
beforeAll(async () => {
  upstream = await startAnsweringUpstream();
  const { promise: areReleased, resolve } = Promise.withResolvers<void>();
  releaseStreams = resolve;
  upstream.answer = ({ body }, response) => {
    if ((JSON.parse(body.toString()) as { stream?: boolean }).stream !== true) {
      const message = { role: 'assistant', content: 'Hi' };
      sendJson(response, { id: 'c', object: 'chat.completion', choices: [{ index: 0, message }], usage: USAGE });
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(event('first'));
    void areReleased.then(() => response.end(`${event('second', 'stop')}data: [DONE]\n\n`));
  };
});
afterAll(() => upstream.close());

function event(content: string, finish: string | null = null): string {
  const choices = [{ index: 0, delta: { content }, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices })}\n\n`;
}

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

describe('a running hub whose HUB_CONFIG is edited', () => {
  let hub: HubProcess;
  beforeAll(async () => {
    hub = await startHubProcess({ config: configOf(upstream.url, 'one:') });
  });

  it('takes SIGHUP as the wish to read it again', async () => {
    const applied = () => hub.stdout().split('HUB_CONFIG was applied').length - 1;
    expect(applied()).toBe(0);
    process.kill(hub.pid, 'SIGHUP');
    await until(() => applied() === 1, APPLIED_MS_MAX);
    expect(await statusOf(hub, 'one')).toBe(200);
  });

  it('follows what is good, names what is not by its line, and drops nothing', async () => {
    const stream = await askChat(hub, { model: 'one', stream: true });
    expect(stream.status).toBe(200);
    write(hub, configOf(upstream.url, 'two:'));
    await untilServed(hub, 'two', 'one');

    write(hub, configOf(upstream.url, 'three:').replace('provider:', 'provyder:'));
    await until(() => hub.stdout().includes('HUB_CONFIG cannot be used'), APPLIED_MS_MAX);
    expect(hub.stdout()).toContain('hub.yaml:3: unknown key `provyder` in channels[0]; did you mean `provider`?');
    expect(await statusOf(hub, 'two')).toBe(200);

    write(hub, configOf(upstream.url, 'four:'));
    await untilServed(hub, 'four', 'two');

    // What began on a channel that has lost its model goes on to its end.
    releaseStreams();
    const text = await stream.text();
    expect(text).toContain('"content":"first"');
    expect(text).toContain('"content":"second"');
    expect(text).toContain('data: [DONE]');
    expect(hub.stdout()).not.toContain('credential-of-the-upstream');
    // The process is the one that was started: it ends now, and not before.
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
