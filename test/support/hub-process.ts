import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { generateApiKey } from '../../src/common/api-key.js';
import { copyDatabaseTo } from './database.js';
import { freePort } from './free-port.js';
import {
  CLI_COMMAND,
  type Ended,
  endWithin,
  HUB_COMMAND,
  isReady,
  killAll,
  launch,
  type RunningProcess,
  residentBytes,
  runningCount,
} from './processes.js';
import { until } from './until.js';

export { CLI_COMMAND, HUB_COMMAND, launch };

const READY_MS_MAX = 60_000;

/** What a test may choose about a hub that runs as a process. */
export interface HubProcessOptions {
  /**
   * Variables besides what the harness sets: PORT, DATA_DIR and HUB_API_KEY of its own. An empty string takes one of those
   * away. Nothing else of the test's environment but PATH and HOME gets through.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** The hub makes its embedded database itself, which takes seconds more than starting on one that nobody has used yet. */
  readonly makesDatabase?: boolean;
  /** Text of a HUB_CONFIG file. */
  readonly config?: string;
  /** Program and arguments; default {@link HUB_COMMAND}. */
  readonly command?: readonly string[];
  readonly cwd?: string;
}

/** A hub that serves. */
export interface HubProcess extends RunningProcess {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** A key that works: the one given to it, else the one that it printed. */
  readonly apiKey: string;
  readonly dataDir: string;
  /** The HUB_CONFIG file, where `config` gave one. */
  readonly configFile: string | undefined;
  /** Resident memory of the process. */
  rssBytes(): number;
}

// A start takes seconds, and many of them on a machine that has other things to do.
jest.setTimeout(120_000);

const folders = new Set<string>();

afterAll(async () => {
  killAll();
  await until(() => runningCount() === 0);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder under the system's temporary one, removed when the suite ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hub-process-'));
  folders.add(folder);
  return folder;
}

/**
 * Starts the compiled hub and waits until it is ready.
 *
 * @throws Error with everything it printed when it ends first, or is not ready within a minute.
 */
export async function startHubProcess(options: HubProcessOptions = {}): Promise<HubProcess> {
  const { env, configFile } = await hubEnvironment(options);
  const started = launchHub(options, env);
  const url = `http://127.0.0.1:${env['PORT']}`;
  let ended: Ended | undefined;
  void started.ended.then((end) => {
    ended = end;
  });
  await until(() => ended !== undefined || isReady(url), READY_MS_MAX).catch(async (error: unknown) => {
    await started.kill();
    throw new Error(`${error}\n${started.stdout()}\n${started.stderr()}`);
  });
  if (ended !== undefined) throw new Error(`The hub ended (${ended.code})\n${started.stdout()}\n${started.stderr()}`);
  return {
    ...started,
    url,
    port: Number(env['PORT']),
    apiKey: env['HUB_API_KEY'] || (await until(() => printedKey(started.stdout()))),
    dataDir: env['DATA_DIR'] ?? '',
    configFile,
    rssBytes: () => residentBytes(started.pid),
  };
}

/** Starts the compiled hub in the expectation that it ends by itself, and gives all it printed. */
export async function runHubToEnd(
  options: HubProcessOptions = {},
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  const { env } = await hubEnvironment(options);
  const started = launchHub(options, env);
  const end = await endWithin(started, READY_MS_MAX);
  return { ...end, stdout: started.stdout(), stderr: started.stderr() };
}

function launchHub(options: HubProcessOptions, env: Readonly<Record<string, string>>): RunningProcess {
  return launch(options.command ?? HUB_COMMAND, env, options.cwd);
}

async function hubEnvironment(
  options: HubProcessOptions,
): Promise<{ env: Readonly<Record<string, string>>; configFile: string | undefined }> {
  const folder = temporaryFolder();
  const configFile = options.config === undefined ? undefined : join(folder, 'hub.yaml');
  if (configFile !== undefined) writeFileSync(configFile, options.config ?? '');
  const dataDir = join(folder, 'data');
  const { DATA_DIR, DATABASE_URL = '' } = options.env ?? {};
  if (options.makesDatabase !== true && DATA_DIR === undefined && DATABASE_URL === '') await copyDatabaseTo(dataDir);
  const env = {
    PORT: String(await freePort()),
    DATA_DIR: dataDir,
    HUB_API_KEY: generateApiKey(),
    // A suite that has a use for the admin API says so; starts are faster without.
    HUB_ADMIN: 'off',
    ...(configFile === undefined ? {} : { HUB_CONFIG: configFile }),
    ...options.env,
  };
  return { env, configFile };
}

function printedKey(stdout: string): string | undefined {
  return /^ *API key: +(sk_live_\w+)$/m.exec(stdout)?.[1];
}
