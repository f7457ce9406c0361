import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { findProgram } from '../support/find-program.js';
import { startHubProcess, temporaryFolder } from '../support/hub-process.js';
import { PROJECT_ROOT } from '../support/processes.js';
import { describeWithServer } from '../support/server-suite.js';
import { until } from '../support/until.js';
import { askChat, chatStatus, configOf } from './hub-calls.js';

/** `nobody` on Debian: as foreign to the files of the project as the image's user 1000. */
const FOREIGN_ID = 65_534;
/** What an installation consists of, as the image has it. */
const PARTS = ['dist', 'node_modules', 'package.json'];
const STRACE = findProgram('strace');
/** Calls that change a folder or a file's place, rights or length by a path; opening a file is looked at by its flags. */
const CHANGES = 'creat,mkdir,mkdirat,rmdir,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat'
  .concat(',truncate,chmod,fchmodat,chown,lchown,fchownat,mknod,mknodat')
  .split(',');
/** A question mark allows for a call that this machine's architecture does not have. */
const TRACED = ['open', 'openat', 'connect', ...CHANGES].map((name) => `?${name}`).join(',');

/** Places of one hub. It owns the first three; the project and Node are shown at the last two. */
interface Room {
  readonly data: string;
  readonly temporary: string;
  readonly trace: string;
  readonly config: string;
  readonly hub: string;
  readonly node: string;
}

/** A call that was tried, whether or not it came to anything. */
interface Call {
  readonly name: string;
  readonly text: string;
}

/** True where this process can give another one a view of the files of its own. */
function canMount(): boolean {
  return isRoot() && spawnSync('unshare', ['--mount', 'true']).status === 0;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The hub as docs/deploy.md has it run: not root, no capabilities and none to be gained, a read-only root. Who is not root
 * runs it as themselves, and where no mounts can be made only what the hub tries to write tells.
 */
function confined(room: Room): string[] {
  const options = ['-D', '-f', '--seccomp-bpf', '-q', '-y', '-s', '4096', '-e', `trace=${TRACED}`];
  const traced = [STRACE ?? '', ...options, '-o', join(room.trace, 'calls')];
  const main = join('dist', 'src', 'main.js');
  if (!isRoot()) return [...traced, process.execPath, join(PROJECT_ROOT, main)];
  const ids = ['--reuid', '--regid'].flatMap((option) => [option, String(FOREIGN_ID)]);
  const unprivileged = [
    'setpriv',
    ...ids,
    '--clear-groups',
    '--no-new-privs',
    '--bounding-set=-all',
    '--inh-caps=-all',
  ];
  if (!canMount()) return [...unprivileged, ...traced, process.execPath, join(PROJECT_ROOT, main)];
  const script = [
    ...[room.data, room.temporary, room.trace].map((path) => `mount --bind '${path}' '${path}'`),
    // The user may not be able to enter the folders that these lie in.
    ...PARTS.map((part) => `mount --bind '${join(PROJECT_ROOT, part)}' '${join(room.hub, part)}'`),
    ...PARTS.map((part) => `mount -o remount,ro,bind '${join(room.hub, part)}'`),
    `mount --bind '${process.execPath}' '${room.node}'`,
    'mount -o remount,ro,bind /',
    'exec "$@"',
  ].join(' && ');
  const hub = [room.node, join(room.hub, main)];
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', ...unprivileged, ...traced, ...hub];
}

function makeRoom(config: string): Room {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const room = {
    data: join(folder, 'data'),
    temporary: join(folder, 'tmp'),
    trace: join(folder, 'trace'),
    config: join(folder, 'hub.yaml'),
    hub: join(folder, 'hub'),
    node: join(folder, 'node'),
  };
  for (const folder of ['dist', 'node_modules']) mkdirSync(join(room.hub, folder), { recursive: true });
  writeFileSync(join(room.hub, 'package.json'), '');
  writeFileSync(room.node, '');
  for (const path of [room.data, room.temporary, room.trace]) {
    mkdirSync(path, { mode: 0o700 });
    if (isRoot()) chownSync(path, FOREIGN_ID, FOREIGN_ID);
  }
  writeFileSync(room.config, config);
  return room;
}

/** What the hub tried, from its first call to its last. */
async function callsOf({ trace }: Room): Promise<readonly Call[]> {
  const text = await until(() => {
    const written = readFileSync(join(trace, 'calls'), 'utf8');
    return written.includes('+++ exited with 0 +++') && written;
  });
  const calls = text.matchAll(/^\d+ +(\w+)\((.*)$/gm);
  return [...calls].map(([, name = '', rest = '']) => ({ name, text: rest }));
}

/** The paths that a call would have written to, absolute; none for one that only reads. */
function written({ name, text }: Call): string[] {
  const opens = name.startsWith('open');
  if (name === 'connect' || (opens && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(text))) return [];
  // Each path may follow the folder that it starts from, which strace shows as a number or AT_FDCWD and a path.
  const paths = [...text.matchAll(/(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"([^"]*)"/g)];
  return paths.map(([, from = PROJECT_ROOT, path = '']) => resolve(from, path));
}

// T165
describeWithServer('strace', STRACE, 'a hub without any rights', () => {
  let upstream: FakeUpstream;
  let room: Room;
  let calls: readonly Call[];
  const statuses: number[] = [];

  beforeAll(async () => {
    upstream = await startFakeUpstream();
    room = makeRoom(configOf(upstream.url));
    const folders = { DATA_DIR: room.data, TMPDIR: room.temporary, HUB_CONFIG: room.config };
    // Other suites share compiled modules in the project's folder, which is no place of a hub's own.
    const env = { NODE_ENV: 'production', NODE_DISABLE_COMPILE_CACHE: '1', ...folders };
    // Not in the project's folder, which this user may not be able to enter.
    const hub = await startHubProcess({ env, command: confined(room), cwd: dirname(room.config) });
    const identity = readFileSync(`/proc/${hub.pid}/status`, 'utf8');
    expect(identity).toMatch(isRoot() ? /^Uid:\t65534\t65534\t65534\t65534$/m : /^Uid:/m);
    expect(identity).toMatch(isRoot() ? /^CapEff:\t0+$/m : /^CapEff:/m);
    statuses.push(await chatStatus(hub), (await fetch(`${hub.url}/docs`)).status);
    const stream = await askChat(hub, { stream: true });
    expect(await stream.text()).toContain('data: [DONE]');
    statuses.push(stream.status);
    expect(await hub.stop()).toMatchObject({ code: 0 });
    calls = await callsOf(room);
  });
  afterAll(() => upstream?.close());

  it('makes its database, answers and stops cleanly', () => {
    expect(statuses).toEqual([200, 200, 200]);
  });

  it('tries to write nowhere but to its data and the temporary folder', () => {
    const paths = new Set(calls.flatMap(written));
    const allowed = [room.data, room.temporary, '/dev/null'];
    const isAllowed = (path: string) => allowed.some((place) => path === place || path.startsWith(`${place}/`));
    expect([...paths].filter((path) => path.startsWith(`${room.data}/pg`)).length).toBeGreaterThan(100);
    expect([...paths].filter((path) => !isAllowed(path))).toEqual([]);
  });

  it('connects to its upstream and to nothing else', () => {
    const targets = calls.filter(({ name }) => name === 'connect').map(({ text }) => text);
    expect(targets.length).toBeGreaterThan(0);
    const port = new URL(upstream.url).port;
    const isUpstream = (text: string) => text.includes(`sin_port=htons(${port}), sin_addr=inet_addr("127.0.0.1")`);
    expect(targets.filter((text) => !isUpstream(text))).toEqual([]);
  });
});
