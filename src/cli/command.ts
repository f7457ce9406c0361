import type { ChannelStore } from '../channels/channel-store.js';
import type { Settings } from '../config/settings.js';
import type { Sql } from '../database/sql.js';
import type { Keyring } from '../secrets/keyring.js';

/** What a command works on: the running hub's own, or opened for it. */
export interface CommandContext {
  readonly sql: Sql;
  readonly keyring: Keyring;
  readonly channels: ChannelStore;
  readonly settings: Settings;
  /** Tells every running instance of a change; `topic` is one of redis/topics.ts. */
  publish(topic: string): Promise<void>;
}

/** A command line, and what it needs of the process it was typed into. */
export interface CommandInput {
  /** Arguments after the command's name. */
  readonly args: readonly string[];
  /** HUB_MASTER_KEY_NEW, as set where the command was typed. */
  readonly masterKeyNew?: string;
  /** Standard input, for a command that asks for it. */
  readonly stdin?: string;
}

/** What a command prints and how the process ends: 0 done, 1 not done, 2 wrongly called. */
export interface CommandResult {
  readonly exitCode: 0 | 1 | 2;
  /** The result alone, for scripts. */
  readonly stdout?: string;
  /** Everything said to people. */
  readonly stderr?: string;
}

/** A command that works on the database. */
export interface DatabaseCommand {
  readonly name: string;
  /** Arguments as the help shows them. */
  readonly usage: string;
  readonly summary: string;
  /** How long a running hub may work on it; a minute by default. */
  readonly answerMsMax?: number;
  /** A step of another command that only a running hub can do: not to be typed, and not in the help. */
  readonly isInternal?: boolean;
  /** Arguments as a process elsewhere understands them: paths made whole. Called where the command was typed. */
  toRemoteArgs?(args: readonly string[]): readonly string[];
  /** True when these arguments make it read standard input. */
  readsStdin?(args: readonly string[]): boolean;
  run(context: CommandContext, input: CommandInput): Promise<CommandResult>;
}

/** A command that looks after the data as a whole: it runs in the process it was typed into, on files or two databases. */
export interface CareCommand {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  runLocally(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<CommandResult>;
}

/** The command was called wrongly; shown with the usage, and exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command cannot do what was asked; shown as it is, with exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
