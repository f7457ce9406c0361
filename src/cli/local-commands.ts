import { readFileSync } from 'node:fs';
import { generateApiKey } from '../common/api-key.js';
import { HubConfigError } from '../config/hub-config.js';
import { parseHubConfig } from '../config/parse-hub-config.js';
import { checkPrice } from '../pricing/check-price.js';
import { VENDORS } from '../providers/vendors.js';
import type { CommandResult } from './command.js';

/** A command that needs no database. */
export interface LocalCommand {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  run(args: readonly string[], env: Readonly<Record<string, string | undefined>>): CommandResult;
}

const configCheck: LocalCommand = {
  name: 'config:check',
  usage: 'FILE',
  summary: 'check a HUB_CONFIG file, with the variables of this environment',
  run([file, ...rest], env) {
    if (file === undefined || rest.length > 0) {
      return { exitCode: 2, stderr: 'usage: npm run hub -- config:check FILE\n' };
    }
    try {
      const { channels, models } = parseHubConfig(readFileSync(file, 'utf8'), {
        fileName: file,
        env,
        providers: VENDORS,
        checkPrice,
      });
      return { exitCode: 0, stdout: `${file} is fine: ${channels.length} channels, ${models.length} models.\n` };
    } catch (error) {
      if (error instanceof HubConfigError) return { exitCode: 1, stderr: `${error.problems.join('\n')}\n` };
      return { exitCode: 1, stderr: `${file} cannot be read: ${(error as Error).message}\n` };
    }
  },
};

const keyGenerate: LocalCommand = {
  name: 'key:generate',
  usage: '',
  summary: 'print a well-formed API key, for HUB_API_KEY of an unattended install',
  run(args) {
    if (args.length > 0) return { exitCode: 2, stderr: 'usage: npm run hub -- key:generate\n' };
    return { exitCode: 0, stdout: `${generateApiKey()}\n` };
  },
};

/** Every command that needs no database, in the order of the help. */
export const LOCAL_COMMANDS: readonly LocalCommand[] = [configCheck, keyGenerate];
