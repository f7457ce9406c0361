// npm run check:fresh-clone: does what a newcomer does. Clones the committed state into a temporary folder, runs npm ci and
// npm start with the Node of the system, pastes the first printed curl line, and says how many seconds it took.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const START_SECONDS_MAX = 180;

const folder = mkdtempSync(join(tmpdir(), 'fresh-clone-'));
const clone = join(folder, 'hub');
const PATH = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((part) => !part.includes('node_modules'))
  .join(delimiter);
const env = { PATH, HOME: homedir(), PORT: String(await freePort()) };
const startedAt = performance.now();
const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1);
let hub;
try {
  console.log(`Node ${execFileSync('node', ['--version'], { env, encoding: 'utf8' }).trim()}`);
  execFileSync('git', ['clone', '--quiet', ROOT, clone], { env, stdio: 'inherit' });
  execFileSync('npm', ['ci'], { cwd: clone, env, stdio: ['ignore', 'ignore', 'inherit'] });
  console.log(`${seconds()} s: installed`);
  hub = spawn('npm', ['start'], { cwd: clone, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await firstCurlLine(hub);
  console.log(`${seconds()} s: started`);
  const answer = JSON.parse(execFileSync('sh', ['-c', line], { env, encoding: 'utf8' }));
  if (answer.object !== 'chat.completion') throw new Error(`Not a chat answer: ${JSON.stringify(answer)}`);
  console.log(`${seconds()} s: first answer`);
  const exited = once(hub, 'exit');
  hub.kill('SIGTERM');
  const [code] = await exited;
  if (code !== 0) throw new Error(`npm start ended with ${code}`);
  console.log(`${seconds()} s: stopped`);
} finally {
  if (hub?.exitCode === null) hub.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/** @param {import('node:child_process').ChildProcess} child */
function firstCurlLine(child) {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`No banner:\n${text}`)), START_SECONDS_MAX * 1000);
    child.on('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${text}`)));
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const line = /^ *(curl .*)\n/m.exec(text)?.[1];
      if (line === undefined) return;
      clearTimeout(timer);
      resolve(line);
    });
  });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
