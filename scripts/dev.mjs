// npm run dev: compiles on every change and restarts the hub. Types are checked while compiling; errors do not stop it.
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadEnvFile } from '../bin/load-env-file.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript-7/package.json')), 'bin', 'tsc');
const COMPILE = [TSC, '-p', 'tsconfig.build.json'];
const options = { cwd: ROOT, stdio: 'inherit' };

loadEnvFile();
spawnSync(process.execPath, COMPILE, options);
spawnSync(process.execPath, [join('scripts', 'copy-assets.mjs')], options);

const children = [
  spawn(process.execPath, [...COMPILE, '--watch', '--preserveWatchOutput'], options),
  spawn(process.execPath, ['--watch', '--enable-source-maps', join('dist', 'src', 'main.js')], options),
];
const stop = () => {
  for (const child of children) child.kill('SIGTERM');
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
for (const child of children) child.on('exit', stop);
