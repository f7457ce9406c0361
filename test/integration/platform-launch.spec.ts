import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const LAUNCH = join(import.meta.dirname, '..', '..', 'bin', 'launch.mjs');

/** Makes the first process believe it is an old Node; its child is what it is. */
const OLD_NODE = `if (!process.env.HUB_REEXEC) Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } });`;
const SCRIPT = `import { launch } from './launch.mjs';
await launch(import.meta.url, async () => {
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => {}, 1000);
  console.log(process.versions.node, ...process.argv.slice(2));
});`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-launch-'));
  mkdirSync(join(folder, 'bin'));
  copyFileSync(LAUNCH, join(folder, 'bin', 'launch.mjs'));
  writeFileSync(join(folder, 'bin', 'script.mjs'), SCRIPT);
  writeFileSync(join(folder, 'old-node.mjs'), OLD_NODE);
});
afterEach(() => rmSync(folder, { recursive: true }));

function bundleNode(): void {
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(process.execPath, join(folder, 'node_modules', '.bin', 'node'));
}

function start({ isOld }: { isOld: boolean }): ChildProcess {
  const preload = isOld ? ['--import', join(folder, 'old-node.mjs')] : [];
  return spawn(process.execPath, [...preload, join(folder, 'bin', 'script.mjs'), 'an argument'], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('a script of bin/', () => {
  it.each([true, false])('runs on a Node that is new enough, and stops as it says (old Node: %s)', async (isOld) => {
    bundleNode();
    const child = start({ isOld });
    const [line] = await once(child.stdout!, 'data');
    expect(String(line)).toBe(`${process.versions.node} an argument\n`);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([7, null]);
  });

  it('says what to do where npm ci was not run', async () => {
    const child = start({ isOld: true });
    const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
    expect(stderr).toContain('Node 24.9 or newer is needed');
    expect(stderr).toContain('npm ci');
    expect(code).toBe(1);
  });
});
