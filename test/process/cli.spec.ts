import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isWellFormedApiKey } from '../../src/common/api-key.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { CLI_COMMAND, type HubProcess, launch, startHubProcess, temporaryFolder } from '../support/hub-process.js';
import { until } from '../support/until.js';
import { chatStatus, configOf } from './hub-calls.js';

let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream();
});
afterAll(() => upstream.close());

/** Runs one operator command. */
async function runCli(dataDir: string, ...args: readonly string[]) {
  const cli = launch([...CLI_COMMAND, ...args], { DATA_DIR: dataDir });
  const { code } = await cli.ended;
  return { code, stdout: cli.stdout(), stderr: cli.stderr() };
}

/** Makes a key; nothing but the key may be on standard output. */
async function createKey(dataDir: string, name: string): Promise<string> {
  const { code, stdout, stderr } = await runCli(dataDir, 'key:create', '--name', name);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(name) });
  expect(stdout).toMatch(/^\S+\n$/);
  expect(isWellFormedApiKey(stdout.trim())).toBe(true);
  return stdout.trim();
}

async function revokeKey(dataDir: string, name: string, key: string): Promise<void> {
  expect(await runCli(dataDir, 'key:revoke', '--name', name, '--last4', key.slice(-4))).toMatchObject({ code: 0 });
}

describe('operator commands', () => {
  it('work on a running hub and on a stopped one', async () => {
    const hub = await startHubProcess({ config: configOf(upstream.url) });
    const key = await createKey(hub.dataDir, 'made while it runs');
    expect(await chatStatus(hub, key)).toBe(200);
    await revokeKey(hub.dataDir, 'made while it runs', key);
    // At once: the running hub did it itself.
    expect(await chatStatus(hub, key)).toBe(403);
    const reset = await runCli(hub.dataDir, 'admin:reset-password');
    expect(reset).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S{16,}\n$/) });
    expect(hub.stdout() + hub.stderr()).not.toContain(reset.stdout.trim());
    await hub.stop();

    const made = await createKey(hub.dataDir, 'made while it rests');
    const doomed = await createKey(hub.dataDir, 'revoked while it rests');
    await revokeKey(hub.dataDir, 'revoked while it rests', doomed);
    const again = await startHubProcess({
      env: { DATA_DIR: hub.dataDir, HUB_API_KEY: hub.apiKey },
      config: configOf(upstream.url),
    });
    expect(await chatStatus(again, made)).toBe(200);
    expect(await chatStatus(again, doomed)).toBe(403);
    expect(await chatStatus(again, key)).toBe(403);
  });

  it('say what they do, and refuse what they do not know', async () => {
    const folder = temporaryFolder();
    expect(await runCli(folder, '--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('key:create') });
    expect(await runCli(folder, 'key:destroy')).toMatchObject({ code: 2, stdout: '' });
    const good = join(folder, 'good.yaml');
    const bad = join(folder, 'bad.yaml');
    writeFileSync(good, configOf(upstream.url));
    writeFileSync(bad, configOf(upstream.url).replace('provider:', 'supplier:'));
    expect(await runCli(folder, 'config:check', good)).toEqual({
      code: 0,
      stdout: `${good} is fine: 1 channels, 1 models.\n`,
      stderr: '',
    });
    const refused = await runCli(folder, 'config:check', bad);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/bad\.yaml:3: .*supplier/) });
    expect(refused.stderr).not.toContain('credential-of-the-upstream');
  });
});

describe('kill -9', () => {
  it('loses no key that a command has reported', async () => {
    const config = configOf(upstream.url);
    let hub: HubProcess | undefined = await startHubProcess({ config });
    const env = { DATA_DIR: hub.dataDir, HUB_API_KEY: hub.apiKey };
    const reported: string[] = [];
    for (let round = 0; round < 3; round++) {
      const victim = hub;
      const before = reported.length;
      let isKilled = false;
      // Several at once, so that the kill finds some in every stage; those that it finds go on without the hub.
      const writers = Array.from({ length: 3 }, async (_, writer) => {
        for (let number = 0; !isKilled; number++) {
          const { code, stdout } = await runCli(victim.dataDir, 'key:create', '--name', `${round} ${writer} ${number}`);
          if (code !== 0) return;
          reported.push(stdout.trim());
        }
      });
      await until(() => reported.length >= before + 2 + round);
      isKilled = true;
      await victim.kill();
      await Promise.all(writers);
      hub = await startHubProcess({ env, config });
    }
    expect(reported.length).toBeGreaterThan(6);
    for (const key of reported) expect(await chatStatus(hub, key)).toBe(200);
  });
});
