import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { CommandContext, CommandResult } from './command.js';
import { COMMAND_BYTES_MAX } from './command-socket.js';
import { DATABASE_COMMANDS, runDatabaseCommand } from './database-commands.js';

const IDLE_MS_MAX = 10_000;
const OWNER_ONLY = 0o600;

/**
 * Runs operator commands inside a hub that has the embedded database to itself. Whoever may open the socket could read the
 * database's files as well, so the file's mode is the whole access control.
 */
export class CommandServer {
  private readonly logger = new Logger(CommandServer.name);
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly path: string,
    private readonly context: CommandContext,
  ) {
    this.server = createServer((socket) => this.serve(socket));
  }

  /**
   * Starts to listen. The caller holds the data directory's lock, so a socket that is there was left by a dead process.
   * A place where no socket can be made, such as a path of more than about 100 bytes, is no reason not to serve: the log
   * says that commands work only while the hub is stopped.
   */
  async start(): Promise<void> {
    rmSync(this.path, { force: true });
    try {
      this.server.listen(this.path);
      await once(this.server, 'listening');
      chmodSync(this.path, OWNER_ONLY);
    } catch (error) {
      this.logger.warn(`No operator commands while this hub runs: ${this.path} cannot be made (${error})`);
    }
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    rmSync(this.path, { force: true });
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.setEncoding('utf8').setTimeout(IDLE_MS_MAX, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
    let text = '';
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > COMMAND_BYTES_MAX) socket.destroy();
      const end = text.indexOf('\n');
      if (end === -1) return;
      socket.pause();
      // From here on it is the command that takes its time, not the one who typed it.
      socket.setTimeout(0);
      void this.answer(text.slice(0, end)).then((result) => {
        // A paused socket does not notice that the other side has closed: it is closed from here.
        socket.end(`${JSON.stringify(result)}\n`, () => socket.destroy());
      });
    });
  }

  private async answer(line: string): Promise<CommandResult> {
    try {
      const request = toRequest(JSON.parse(line));
      const command = DATABASE_COMMANDS.find(({ name }) => name === request.command);
      if (!command) return { exitCode: 2, stderr: `The running hub does not know ${request.command}.\n` };
      this.logger.log(`Operator command ${command.name}`);
      return await runDatabaseCommand(command, this.context, request);
    } catch (error) {
      this.logger.error(`An operator command failed: ${error}`);
      return { exitCode: 1, stderr: 'The running hub could not do this; its log says why.\n' };
    }
  }
}

/** What a client sends. */
interface CommandRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly masterKeyNew?: string;
  readonly stdin?: string;
}

function toRequest(value: unknown): CommandRequest {
  if (typeof value !== 'object' || value === null) throw new TypeError('A command is a JSON object');
  const { command, args, masterKeyNew, stdin } = value as Record<string, unknown>;
  if (typeof command !== 'string' || !Array.isArray(args) || !args.every((arg) => typeof arg === 'string')) {
    throw new TypeError('A command has a name and a list of arguments');
  }
  return { command, args, masterKeyNew: optionalText(masterKeyNew), stdin: optionalText(stdin) };
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
