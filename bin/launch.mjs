// Starts a compiled entry on a Node that can run it. This file must parse on old versions of Node: it is what tells their
// users what to do.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
const REEXEC = 'HUB_REEXEC';

/** True on Node 24.9 or newer. */
function isNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 9);
}

/**
 * Runs `start` here when this Node is new enough, else the script once more on the Node that `npm ci` has brought.
 *
 * @param {string} scriptUrl import.meta.url of the script
 * @param {() => Promise<unknown>} start
 */
export async function launch(scriptUrl, start) {
  const bundled = fileURLToPath(new URL('../node_modules/.bin/node', scriptUrl));
  if (isNewEnough()) {
    await start();
  } else if (existsSync(bundled) && !process.env[REEXEC]) {
    runOn(bundled, fileURLToPath(scriptUrl));
  } else {
    console.error(`Node 24.9 or newer is needed, and this is ${process.version}. Run npm ci, which brings one.`);
    process.exitCode = 1;
  }
}

/** @param {string} node @param {string} script */
function runOn(node, script) {
  const child = spawn(node, [...process.execArgv, script, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, [REEXEC]: '1' },
  });
  // A stop asked of this process is meant for the child; this one ends when the child has.
  for (const signal of Object.keys(SIGNALS)) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${node} cannot be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (SIGNALS[signal] ?? 9)));
}
