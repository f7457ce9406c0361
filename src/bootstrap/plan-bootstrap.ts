import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Declarations } from '../channels/declaration.js';
import { type HubConfig, HubConfigError, type KnownProvider } from '../config/hub-config.js';
import { parseHubConfig } from '../config/parse-hub-config.js';
import type { Settings } from '../config/settings.js';
import type { Sql } from '../database/sql.js';
import { checkPrice } from '../pricing/check-price.js';
import { decideSandbox } from './decide-sandbox.js';
import { type EnvironmentProvider, environmentDeclaration } from './environment-declaration.js';
import { SANDBOX_DECLARATION } from './sandbox-declaration.js';

/** What a plan is made from. */
export interface BootstrapInput {
  readonly settings: Settings;
  /** For provider keys and the variables of HUB_CONFIG. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly providers: readonly (KnownProvider & EnvironmentProvider)[];
  /** What the file of HUB_CONFIG says, where it was read already. */
  readonly configText?: string;
  /** False where it is too late to start the sandbox. */
  readonly canRunSandbox?: boolean;
}

/** What a start, or a change of HUB_CONFIG, declares. */
export interface BootstrapPlan {
  readonly declarations: Declarations;
  /** The caller starts the sandbox before the plan is carried out. */
  readonly isSandboxOn: boolean;
  /** What the file of HUB_CONFIG says; undefined where none is named. */
  readonly configText?: string;
  /** Sentences for the operator. */
  readonly notes: readonly string[];
}

/**
 * Finds out which channels this start has: from HUB_CONFIG, from provider keys in the environment, else the sandbox.
 *
 * @throws HubConfigError, SettingsError when what was found cannot be used.
 */
export async function planBootstrap(sql: Sql, input: BootstrapInput): Promise<BootstrapPlan> {
  const configText = input.configText ?? readConfigFile(input.settings);
  const config = toHubConfig(configText, input);
  const configured = new Set(config.channels.map((channel) => channel.provider));
  const environment = environmentDeclaration(input.env, input.providers, configured);
  const isSandboxWanted = decideSandbox({
    mode: input.settings.sandbox,
    isProduction: input.settings.isProduction,
    hasDeclaredChannels: config.channels.length + environment.declaration.channels.length > 0,
    hasOwnChannels: await hasOwnChannels(sql),
  });
  const isSandboxOn = isSandboxWanted && input.canRunSandbox !== false;
  const channels = config.channels.map(({ id, ...channel }) => ({ name: id, ...channel }));
  return {
    declarations: {
      config: { channels, models: config.models },
      environment: environment.declaration,
      sandbox: isSandboxOn ? SANDBOX_DECLARATION : undefined,
      groups: config.groups,
    },
    isSandboxOn,
    configText,
    notes: [...environment.notes, ...limitNotes(input.settings)],
  };
}

function readConfigFile({ configFile }: Settings): string | undefined {
  if (configFile === undefined) return undefined;
  try {
    return readFileSync(configFile, 'utf8');
  } catch (error) {
    throw new HubConfigError([`HUB_CONFIG names a file that cannot be read: ${(error as Error).message}`]);
  }
}

function toHubConfig(text: string | undefined, { settings, env, providers }: BootstrapInput): HubConfig {
  if (text === undefined) return { channels: [], models: [], groups: [] };
  return parseHubConfig(text, { fileName: basename(settings.configFile ?? ''), env, providers, checkPrice });
}

/** What the operator may not expect of rate limits. */
function limitNotes({ workers, redisUrl }: Settings): string[] {
  if (workers === 1 || redisUrl !== undefined) return [];
  return [
    `Rate limits count in each of the ${workers} workers separately, so ${workers} times as much may come in: set REDIS_URL to share them.`,
  ];
}

async function hasOwnChannels(sql: Sql): Promise<boolean> {
  return (await sql.query(`select id from channel where managed_by is null and enabled limit 1`)).length > 0;
}
