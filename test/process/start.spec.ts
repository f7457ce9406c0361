import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generateApiKey } from '../../src/common/api-key.js';
import { freePort } from '../support/free-port.js';
import { HUB_COMMAND, type HubProcess, runHubToEnd, startHubProcess, temporaryFolder } from '../support/hub-process.js';
import { until } from '../support/until.js';
import { askChat, CHAT_PATH, chatStatus, requestLines } from './hub-calls.js';

/** Runs a command line exactly as it was printed. */
async function shell(line: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { PATH = '' } = process.env;
  return (await promisify(execFile)('sh', ['-c', line], { env: { PATH, ...env } })).stdout;
}

/** Another process takes the port when the hub has found it free. */
const TAKE_PORT_AFTER_CHECK = `import { Server } from 'node:net';
const { listen } = Server.prototype;
let times = 0;
Server.prototype.listen = function (...args) {
  const port = args[0]?.port ?? args[0];
  if (String(port) !== process.env.PORT || ++times === 1) return listen.apply(this, args);
  setImmediate(() => this.emit('error', new Error('the port is taken')));
  return this;
};`;

/** The name localhost has two addresses. */
const TWO_ADDRESSES = `import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
const addressesOf = (name) => (name === 'localhost' ? ['127.0.0.1', '127.0.0.2'] : [name]);
dns.promises.lookup = async (name) => ({ address: addressesOf(name)[0], family: 4 });
dns.lookup = (name, options, done = options) => {
  const found = addressesOf(name).map((address) => ({ address, family: 4 }));
  if (options.all) process.nextTick(done, null, found);
  else process.nextTick(done, null, found[0].address, 4);
};
syncBuiltinESMExports();`;

/** What listens on a path, as operator commands do, is slow to begin. */
const SLOW_PATHS = `import { Server } from 'node:net';
const { listen } = Server.prototype;
Server.prototype.listen = function (...args) {
  if (typeof args[0] === 'string') setTimeout(() => listen.apply(this, args), 1500);
  else listen.apply(this, args);
  return this;
};`;

/** The printed command lines: chat, streamed chat, health. */
function curlLines(stdout: string): readonly string[] {
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('curl '));
}

async function expectCurlLinesToWork(stdout: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const lines = curlLines(stdout);
  expect(lines).toHaveLength(3);
  const [chat = '', stream = '', health = ''] = await Promise.all(lines.map((line) => shell(line, env)));
  expect(JSON.parse(chat)).toMatchObject({ object: 'chat.completion', choices: [{ finish_reason: 'stop' }] });
  expect(stream).toMatch(/^data: \{.*\n\ndata: \[DONE\]\n\n$/s);
  expect(health).toBe('{"status":"ok","checks":{"db":"ok","redis":"disabled"}}');
}

describe('the first start', () => {
  it('shows what it made, with command lines that work, and no later start shows it again', async () => {
    const first = await startHubProcess({ env: { HUB_API_KEY: '' }, makesDatabase: true });
    const banner = first.stdout();
    expect(banner).toContain('Administrator: admin@localhost\n');
    const password = /^ *Password: +(\S{16,})$/m.exec(banner)?.[1];
    expect(password).toBeDefined();
    await expectCurlLinesToWork(banner);
    expect(statSync(join(first.dataDir, 'master.key')).mode & 0o777).toBe(0o600);
    expect(await first.stop()).toMatchObject({ code: 0 });

    const second = await startHubProcess({ env: { DATA_DIR: first.dataDir, HUB_API_KEY: first.apiKey } });
    expect(await chatStatus(second)).toBe(200);
    const again = second.stdout() + second.stderr();
    for (const secret of [first.apiKey, password ?? '', 'Administrator', 'Password'])
      expect(again).not.toContain(secret);
    expect(again).toContain('$HUB_API_KEY');
    await expectCurlLinesToWork(second.stdout(), { HUB_API_KEY: first.apiKey });
  });

  it('on a port that is taken makes nothing, since nobody would see its secrets', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const dataDir = join(temporaryFolder(), 'data');
    const end = await runHubToEnd({ env: { PORT: String(port), DATA_DIR: dataDir } });
    other.close();
    expect(end.code).toBe(1);
    expect(end.stderr).toBe(
      `UG AI Hub cannot start: it cannot listen on port ${port} of 127.0.0.1: another process listens there. ` +
        'Stop it, or set PORT to another number.\n',
    );
    expect(existsSync(dataDir)).toBe(false);
  });

  it('that fails after it made its secrets shows them all the same', async () => {
    const preload = join(temporaryFolder(), 'preload.mjs');
    writeFileSync(preload, TAKE_PORT_AFTER_CHECK);
    const [node = '', ...main] = HUB_COMMAND;
    const command = [node, '--import', preload, ...main];
    const first = await runHubToEnd({ env: { HUB_API_KEY: '' }, command });
    expect(first.code).toBe(1);
    expect(first.stderr).toMatch(/^ *Password: +\S{16,}\n *API key: +sk_live_\w+\n/m);
    expect(first.stderr).toMatch(/\nUG AI Hub cannot start: the port is taken\n$/);
  });
});

describe('a hub that has just become ready', () => {
  it('has said so, and drains when it is told to stop', async () => {
    const preload = join(temporaryFolder(), 'preload.mjs');
    writeFileSync(preload, SLOW_PATHS);
    const [node = '', ...main] = HUB_COMMAND;
    const hub = await startHubProcess({ command: [node, '--import', preload, ...main] });
    expect(hub.stdout()).toContain('UG AI Hub is running');
    const answer = await askChat(hub, { stream: true });
    const ended = hub.stop();
    expect((await answer.text()).endsWith('data: [DONE]\n\n')).toBe(true);
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });
});

describe('a start on a database in memory, on a name that has several addresses', () => {
  it('listens on one of them, where all of its handlers are, and makes no file', async () => {
    const preload = join(temporaryFolder(), 'preload.mjs');
    writeFileSync(preload, TWO_ADDRESSES);
    const [node = '', ...main] = HUB_COMMAND;
    const command = [node, '--import', preload, ...main];
    const cwd = temporaryFolder();
    const hub = await startHubProcess({ env: { DATA_DIR: 'memory://', HOST: 'localhost' }, cwd, command });
    expect(await chatStatus(hub)).toBe(200);
    await expect(fetch(`http://127.0.0.2:${hub.port}/api/health`)).rejects.toThrow('fetch failed');
    await hub.stop();
    // Only now is the log complete.
    expect(hub.stdout()).not.toContain('No operator commands');
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe('settings that cannot be used', () => {
  const CANARY = 'canary-7f3a';
  const NAMES = [
    ...['HOST', 'PORT', 'HUB_PUBLIC_URL', 'HUB_TRUST_PROXY', 'HUB_CORS_ORIGINS', 'HUB_DRAIN_TIMEOUT_MS'],
    ...['HUB_HEADERS_TIMEOUT_MS', 'HUB_REQUEST_TIMEOUT_MS', 'HUB_KEEP_ALIVE_TIMEOUT_MS', 'HUB_BODY_BYTES_MAX'],
    ...['HUB_UPLOAD_BYTES_MAX', 'DATABASE_URL', 'HUB_DATABASE_POOL_MAX', 'REDIS_URL', 'HUB_WORKERS', 'HUB_MASTER_KEY'],
    ...['HUB_ADMIN_EMAIL', 'HUB_API_KEY', 'HUB_INITIAL_QUOTA', 'HUB_SANDBOX', 'LOG_LEVEL', 'HUB_STREAM_HOLD_MS'],
    ...['HUB_STREAM_PING_MS', 'HUB_UPSTREAM_CONNECT_TIMEOUT_MS', 'HUB_UPSTREAM_HEADERS_TIMEOUT_MS'],
    ...['HUB_UPSTREAM_IDLE_TIMEOUT_MS', 'HUB_UPSTREAM_TOTAL_TIMEOUT_MS', 'HUB_UPSTREAM_BODY_BYTES_MAX'],
    ...['HUB_UPSTREAM_LINE_BYTES_MAX', 'HUB_UPSTREAM_CONNECTIONS_MAX'],
  ];

  it('stop the start, all named at once with their rule and without their value', async () => {
    const env = Object.fromEntries(NAMES.map((name) => [name, `${CANARY} !`]));
    const { code, stdout, stderr } = await runHubToEnd({ env: { ...env, HUB_ADMIN_PASSWORD: 'short' } });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^UG AI Hub cannot start: These settings cannot be used:\n/);
    for (const name of [...NAMES, 'HUB_ADMIN_PASSWORD'])
      expect(stderr).toMatch(new RegExp(`^ +${name} (must|is) .{5,}`, 'm'));
    expect(stderr).not.toContain(CANARY);
    expect(stderr).not.toContain('short');
  });

  it('include an API key with a wrong checksum', async () => {
    const key = `${generateApiKey().slice(0, -6)}000000`;
    const { code, stderr } = await runHubToEnd({ env: { HUB_API_KEY: key } });
    expect(code).toBe(1);
    expect(stderr).toContain('HUB_API_KEY must be sk_live_, 30 characters');
    expect(stderr).not.toContain(key);
  });

  it('include a configuration file that cannot be read', async () => {
    const { code, stderr } = await runHubToEnd({ env: { HUB_CONFIG: join(temporaryFolder(), 'absent.yaml') } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/HUB_CONFIG names a file that cannot be read: .*absent\.yaml/);
  });

  it('include a key that the configuration file does not have, named with its line', async () => {
    const config = 'channels:\n  - id: main\n    provider: openai\n    apiKey: literal-credential\n    modles: {}\n';
    const { code, stderr } = await runHubToEnd({ config });
    expect(code).toBe(1);
    expect(stderr).toMatch(/hub\.yaml:5: .*modles/);
    expect(stderr).not.toContain('literal-credential');
  });
});

describe('a first start with all that the environment can supply', () => {
  const supplied = {
    HUB_ADMIN_EMAIL: 'ops@hub.test',
    HUB_ADMIN_PASSWORD: 'correct horse battery',
    HUB_API_KEY: generateApiKey(),
  };
  let TMPDIR: string;
  let first: HubProcess;

  beforeAll(async () => {
    TMPDIR = temporaryFolder();
    for (const name of ['old', 'young']) writeFileSync(join(TMPDIR, `ug-ai-hub-upload-${name}`), 'x');
    utimesSync(join(TMPDIR, 'ug-ai-hub-upload-old'), new Date(0), new Date(0));
    first = await startHubProcess({ env: { ...supplied, TMPDIR } });
  });

  it('removes the uploads that a killed process left', () => {
    expect(readdirSync(TMPDIR)).toEqual(['ug-ai-hub-upload-young']);
  });

  it('repeats nothing of it', async () => {
    await expectCurlLinesToWork(first.stdout(), { HUB_API_KEY: supplied.HUB_API_KEY });
    // What it says of these requests comes after them.
    await until(() => requestLines(first).filter(({ path }) => path === CHAT_PATH).length === 2);
    const output = first.stdout() + first.stderr();
    expect(output).toContain('Administrator: ops@hub.test\n');
    expect(output).toContain('as set in HUB_ADMIN_PASSWORD');
    expect(output).not.toContain(supplied.HUB_ADMIN_PASSWORD);
    expect(output).not.toContain(supplied.HUB_API_KEY);
  });

  it('has its data directory to itself, which is free at once when it is killed', async () => {
    const env = { DATA_DIR: first.dataDir, HUB_API_KEY: first.apiKey };
    const refused = await runHubToEnd({ env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(
      `UG AI Hub cannot start: Another hub process (pid ${first.pid}) is using ${first.dataDir}. ` +
        'Stop it, or set DATABASE_URL to run several.\n',
    );
    expect(await chatStatus(first)).toBe(200);
    await first.kill();
    const next = await startHubProcess({ env });
    expect(await chatStatus(next)).toBe(200);
    await next.stop();

    const wrongKey = randomBytes(32).toString('base64');
    const wrong = await runHubToEnd({ env: { ...env, HUB_MASTER_KEY: wrongKey } });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('HUB_MASTER_KEY');
    expect(wrong.stderr).not.toContain(wrongKey);
    expect(wrong.stderr).not.toMatch(/\n\s+at /);

    rmSync(join(first.dataDir, 'master.key'));
    const lost = await runHubToEnd({ env });
    expect(lost.code).toBe(1);
    expect(lost.stderr).toContain('master.key is missing. Restore it, or set HUB_MASTER_KEY');
    expect(existsSync(join(first.dataDir, 'master.key'))).toBe(false);
  });
});
