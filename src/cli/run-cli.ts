import { CareError } from '../care/care-error.js';
import { parseSettings } from '../config/parse-settings.js';
import { SettingsError } from '../config/setting-reader.js';
import type { Settings } from '../config/settings.js';
import { DataDirError, DataDirInUseError } from '../database/data-dir-lock.js';
import { DatabaseUnavailableError } from '../database/database-error.js';
import { MasterKeyError } from '../secrets/master-key-error.js';
import { CARE_COMMANDS } from './care-commands.js';
import { CommandError, type CommandInput, type CommandResult, type DatabaseCommand } from './command.js';
import { commandSocketPath } from './command-socket.js';
import { DATABASE_COMMANDS, runDatabaseCommand } from './database-commands.js';
import { LOCAL_COMMANDS } from './local-commands.js';
import { withContext } from './open-context.js';
import { presentRefusals } from './present-refusals.js';
import { sendCommand } from './send-command.js';

const TYPED_COMMANDS = DATABASE_COMMANDS.filter((command) => !command.isInternal);

/** What a command line is typed into. */
export interface CliProcess {
  /** Arguments after the program. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readStdin(): Promise<string>;
}

/** Carries out one command line. */
export async function runCli({ argv, env, readStdin }: CliProcess): Promise<CommandResult> {
  const [name, ...args] = argv;
  if (name === undefined) return { exitCode: 2, stderr: help() };
  if (['help', '--help', '-h'].includes(name)) return { exitCode: 0, stdout: help() };
  const local = LOCAL_COMMANDS.find((command) => command.name === name);
  if (local) return local.run(args, env);
  const command = [...TYPED_COMMANDS, ...CARE_COMMANDS].find((candidate) => candidate.name === name);
  if (!command) return { exitCode: 2, stderr: `There is no command ${name}.\n\n${help()}` };
  if (args.includes('--help') || args.includes('-h')) return { exitCode: 0, stdout: describe(command) };
  try {
    if ('runLocally' in command) return await presentRefusals(command, () => command.runLocally(args, env));
    const stdin = command.readsStdin?.(args) ? await readStdin() : undefined;
    const input = { args: command.toRemoteArgs?.(args) ?? args, stdin, masterKeyNew: env['HUB_MASTER_KEY_NEW'] };
    return await onDatabase(command, parseSettings(env), input);
  } catch (error) {
    if (isExpected(error)) return { exitCode: 1, stderr: `${error.message}\n` };
    throw error;
  }
}

/** A hub that has the embedded database to itself does it; else the database is opened here. */
async function onDatabase(command: DatabaseCommand, settings: Settings, input: CommandInput): Promise<CommandResult> {
  const socketPath = commandSocketPath(settings.database);
  const answer =
    socketPath === undefined ? undefined : await sendCommand(socketPath, command.name, input, command.answerMsMax);
  if (answer) return answer;
  return withContext(settings, (context) => runDatabaseCommand(command, context, input));
}

/** What is said to the operator as it is. */
const EXPECTED = [
  CareError,
  CommandError,
  SettingsError,
  DataDirError,
  DataDirInUseError,
  DatabaseUnavailableError,
  MasterKeyError,
];

function isExpected(error: unknown): error is Error {
  return EXPECTED.some((type) => error instanceof type);
}

function help(): string {
  const commands = [...TYPED_COMMANDS, ...CARE_COMMANDS, ...LOCAL_COMMANDS].map(describe).join('\n');
  return `usage: npm run hub -- COMMAND\n\n${commands}\nExit codes: 0 done, 1 not done, 2 wrongly called.\n`;
}

function describe({ name, usage, summary }: { name: string; usage: string; summary: string }): string {
  return `${`  ${name} ${usage}`.trimEnd()}\n      ${summary}\n`;
}
