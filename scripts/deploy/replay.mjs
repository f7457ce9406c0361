import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, delimiter, dirname, join, posix, relative, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const HEALTHY_MS_MAX = 60_000;
const STOP_MS_MAX = 20_000;
/** `nobody` on Debian: as foreign to the files as user 1000 is in the image. */
const FOREIGN_ID = 65_534;

/**
 * Carries out the COPY and npm steps of every stage in folders of their own. Other RUN steps touch absolute paths of an
 * image that is not there: they are listed instead.
 *
 * @param {import('./dockerfile.mjs').Stage[]} stages
 * @param {{ context: string, isInContext: (path: string) => boolean, folder: string, log: (line: string) => void }} options
 * @returns {{ folder: string, env: Record<string, string>, command: string[], probe: string[] }} the last stage
 */
export function replayStages(stages, { context, isInContext, folder, log }) {
  let last;
  for (const [index, stage] of stages.entries()) {
    const root = join(folder, stage.name || String(index));
    const state = { root, workdir: '/', env: {}, command: [], probe: [] };
    mkdirSync(root, { recursive: true });
    for (const step of stage.steps) replayStep(step, state, { context, isInContext, folder, log });
    last = state;
  }
  return { folder: join(last.root, last.workdir), env: last.env, command: last.command, probe: last.probe };
}

function replayStep({ instruction, text }, state, { context, isInContext, folder, log }) {
  switch (instruction) {
    case 'WORKDIR':
      state.workdir = posix.resolve(state.workdir, text);
      mkdirSync(join(state.root, state.workdir), { recursive: true });
      break;
    case 'ENV':
      for (const [, name, value] of text.matchAll(/(\w+)=(\S*)/g)) state.env[name] = value;
      break;
    case 'COPY':
      copy(text, state, { context, isInContext, folder });
      break;
    case 'RUN':
      if (text.startsWith('npm ')) runNpm(text, join(state.root, state.workdir), log);
      else log(`  not replayed: RUN ${text}`);
      break;
    case 'CMD':
      state.command = JSON.parse(text);
      break;
    case 'HEALTHCHECK':
      state.probe = JSON.parse(text.slice(text.indexOf('[')));
      break;
    default:
    // USER, VOLUME, EXPOSE, STOPSIGNAL: the start below stands for them.
  }
}

function copy(text, state, { context, isInContext, folder }) {
  const words = text.split(/\s+/);
  const stage = words[0]?.startsWith('--from=') ? words.shift().slice('--from='.length) : undefined;
  const target = words.pop();
  for (const source of words) {
    const from = stage ? join(folder, stage, source) : resolve(context, source);
    if (!existsSync(from)) throw new Error(`COPY ${text}: ${source} does not exist`);
    const isFolder = statSync(from).isDirectory();
    const to = join(state.root, posix.resolve(state.workdir, target));
    cpSync(from, isFolder || !target.endsWith('/') ? to : join(to, basename(source)), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => stage !== undefined || path === context || isInContext(relative(context, path)),
    });
  }
}

function runNpm(text, cwd, log) {
  const startedAt = Date.now();
  // As in the image: only this stage's own packages, and Node from outside them.
  const run = spawnSync('sh', ['-c', text], { cwd, encoding: 'utf8', env: systemEnv(), maxBuffer: 64 * 1024 * 1024 });
  if (run.status !== 0) throw new Error(`RUN ${text} failed in ${cwd}:\n${run.stdout}${run.stderr}`);
  log(`  RUN ${text} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
}

/** The environment without what npm adds for the script that runs this, which would change what an inner npm does. */
function systemEnv() {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|INIT_CWD)/i.test(name)));
  const cache = process.env.npm_config_cache;
  // The Node that runs this stands where the base image's would; npm itself may be an older one's.
  return {
    ...env,
    ...(cache ? { npm_config_cache: cache } : {}),
    // What npm has in its cache is not asked for again; checksums decide what is installed either way.
    npm_config_prefer_offline: 'true',
    PATH: [dirname(process.execPath), env.PATH].join(delimiter),
  };
}

/**
 * Starts the replayed image the way a container would, waits until its HEALTHCHECK passes, and stops it by SIGTERM.
 *
 * @returns {Promise<string[]>} what went wrong
 */
export async function startReplayed({ folder, env, command, probe }, { dataDir, extraEnv, log }) {
  const asRoot = process.getuid?.() === 0;
  // A copy, because the foreign user may not be able to enter the folder that this Node lies in.
  const node = join(dirname(dataDir), 'node');
  copyFileSync(process.execPath, node);
  const programOf = (name) => (name === 'node' ? node : name);
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o700);
  if (asRoot) chownSync(dataDir, FOREIGN_ID, FOREIGN_ID);
  const childEnv = {
    ...env,
    ...extraEnv,
    PATH: process.env.PATH,
    PORT: String(await freePort()),
    DATA_DIR: dataDir,
    HOST: '127.0.0.1',
  };
  const identity = asRoot ? { uid: FOREIGN_ID, gid: FOREIGN_ID } : {};
  const before = asRoot ? listing(folder) : '';
  const child = spawn(programOf(command[0]), command.slice(1), { cwd: folder, env: childEnv, ...identity });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output = (output + chunk).slice(-8_000)));
  const exit = new Promise((done) => child.on('exit', (code, signal) => done(signal ?? code)));
  const problems = [];
  if (!(await isHealthy([programOf(probe[0]), ...probe.slice(1)], childEnv, child))) {
    problems.push(`replay: the hub did not become healthy; its last output:\n${output}`);
  } else {
    log(`  healthy by the image's HEALTHCHECK${asRoot ? ', as a user that owns only its data folder' : ''}`);
  }
  child.kill('SIGTERM');
  const code = await Promise.race([exit, wait(STOP_MS_MAX, 'a timeout', { ref: false })]);
  if (code !== 0) problems.push(`replay: SIGTERM ended in ${code} instead of exit status 0; last output:\n${output}`);
  else log('  SIGTERM gave exit status 0');
  if (code === 'a timeout') child.kill('SIGKILL');
  if (asRoot && listing(folder) !== before) problems.push('replay: the hub changed its own folder');
  return problems;
}

async function isHealthy([program, ...args], env, child) {
  const deadline = Date.now() + HEALTHY_MS_MAX;
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    if (spawnSync(program, args, { env, stdio: 'ignore' }).status === 0) return true;
    await wait(250);
  }
  return false;
}

function listing(folder) {
  return readdirSync(folder).sort().join('\n');
}

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
