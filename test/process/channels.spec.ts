import { writeFileSync } from 'node:fs';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHubProcess } from '../support/hub-process.js';
import { askChat, chatStatus, configOf } from './hub-calls.js';

let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream();
});
afterAll(() => upstream.close());

describe('the channels of a start', () => {
  it('are those of HUB_CONFIG as it is at that start, with variables filled in', async () => {
    const config = configOf(upstream.url).replace('credential-of-the-upstream', '$' + '{UPSTREAM_KEY}');
    const first = await startHubProcess({ config, env: { UPSTREAM_KEY: 'credential-from-a-variable' } });
    expect(await chatStatus(first)).toBe(200);
    expect(upstream.requests.at(-1)?.headers).toMatchObject({ authorization: 'Bearer credential-from-a-variable' });
    await first.stop();
    expect(first.stdout() + first.stderr()).not.toContain('credential-from-a-variable');

    const file = first.configFile ?? '';
    writeFileSync(file, 'channels: []\n');
    const env = { DATA_DIR: first.dataDir, HUB_API_KEY: first.apiKey, HUB_CONFIG: file, HUB_SANDBOX: 'off' };
    const second = await startHubProcess({ env });
    expect(await chatStatus(second)).toBe(404);
    await second.stop();
  });

  it('come from provider keys in the environment, on this machine as well, and leave no sandbox', async () => {
    const env = { OPENAI_API_KEY: 'sk-of-the-provider', OPENAI_BASE_URL: upstream.url, NODE_ENV: 'production' };
    const hub = await startHubProcess({ env });
    const models = await fetch(`${hub.url}/api/relay/v1/models`, {
      headers: { authorization: `Bearer ${hub.apiKey}` },
    });
    const { data } = (await models.json()) as { data: { id: string }[] };
    expect(data.length).toBeGreaterThan(3);
    const answer = await askChat(hub, { model: data.find(({ id }) => id.startsWith('gpt-'))?.id });
    expect({ status: answer.status, sandbox: answer.headers.get('x-hub-sandbox') }).toEqual({
      status: 200,
      sandbox: null,
    });
    expect(upstream.requests.at(-1)?.headers).toMatchObject({ authorization: 'Bearer sk-of-the-provider' });
    await hub.stop();
    expect(hub.stdout() + hub.stderr()).not.toContain('sk-of-the-provider');
  });

  it('are none in production without any declared, rather than the sandbox', async () => {
    const hub = await startHubProcess({ env: { NODE_ENV: 'production' } });
    expect(hub.stdout()).toContain('No model is served yet');
    expect(await chatStatus(hub)).toBe(404);
  });
});
