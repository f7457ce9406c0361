// Compiles the sources when the build output is missing or older than they are. An installation that carries only the
// output, such as the container image, has nothing to compile.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['src', 'migrations', 'schemas', 'tsconfig.json', 'tsconfig.build.json', 'package.json'];
/** Written at the end of a build. */
const STAMP = join(ROOT, 'dist', '.built');

export function buildIfNeeded() {
  if (!isBuildNeeded()) return;
  console.error('Building (once after a change of the sources) …');
  run([findCompiler(), '-p', 'tsconfig.build.json']);
  run([join('scripts', 'copy-assets.mjs')]);
}

function isBuildNeeded() {
  if (!existsSync(join(ROOT, 'src'))) return false;
  if (!existsSync(STAMP)) return true;
  const builtAt = statSync(STAMP).mtimeMs;
  return SOURCES.some((name) => newest(join(ROOT, name)) > builtAt);
}

/** The latest change below a path, in milliseconds; a deleted file shows in the time of its folder. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const own = statSync(path);
  if (!own.isDirectory()) return own.mtimeMs;
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.name.endsWith('.spec.ts'))
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), own.mtimeMs);
}

function findCompiler() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('typescript-7/package.json')), 'bin', 'tsc');
  } catch {
    console.error('A build is needed, and the compiler is not installed. Run npm ci, then npm start.');
    process.exit(1);
  }
}

/** @param {string[]} args */
function run(args) {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error('The build failed; the hub was not started.');
    process.exit(1);
  }
}
