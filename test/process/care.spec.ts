import { join } from 'node:path';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { CLI_COMMAND, launch, startHubProcess, temporaryFolder } from '../support/hub-process.js';
import { chatStatus, configOf } from './hub-calls.js';

let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream();
});
afterAll(() => upstream.close());

async function runCli(dataDir: string, ...args: readonly string[]) {
  const cli = launch([...CLI_COMMAND, ...args], { DATA_DIR: dataDir });
  const { code } = await cli.ended;
  return { code, stdout: cli.stdout(), stderr: cli.stderr() };
}

it('a backup of a running hub is a hub of its own once it is restored', async () => {
  const config = configOf(upstream.url);
  const hub = await startHubProcess({ config });
  const folder = temporaryFolder();
  const archive = join(folder, 'hub.tar.gz');
  expect(await runCli(hub.dataDir, 'backup', archive)).toMatchObject({ code: 0, stdout: '' });
  expect(await chatStatus(hub, hub.apiKey)).toBe(200);
  // While it runs, its directory is not to be replaced.
  expect(await runCli(hub.dataDir, 'restore', archive, '--force')).toMatchObject({ code: 1 });
  await hub.stop();

  const dataDir = join(folder, 'restored');
  const restored = await runCli(dataDir, 'restore', archive);
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringMatching(/^table entry .*same$/m) });
  expect(restored.stdout).not.toContain('DIFFERENT');
  const again = await startHubProcess({ env: { DATA_DIR: dataDir, HUB_API_KEY: hub.apiKey }, config });
  expect(await chatStatus(again, hub.apiKey)).toBe(200);
  await again.stop();
});
