import { connect } from 'node:net';
import type { CommandInput, CommandResult } from './command.js';

const ANSWER_MS_MAX = 60_000;

/**
 * Has a running hub carry out a command.
 *
 * @returns undefined when no hub listens on the socket.
 * @throws Error when the hub does not answer.
 */
export function sendCommand(
  socketPath: string,
  command: string,
  input: CommandInput,
): Promise<CommandResult | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath, () => socket.write(`${JSON.stringify({ command, ...input })}\n`));
    let text = '';
    socket
      .setEncoding('utf8')
      .setTimeout(ANSWER_MS_MAX, () => socket.destroy(new Error('The running hub does not answer')));
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error);
    });
    socket.on('end', () => {
      if (text.endsWith('\n')) resolve(JSON.parse(text) as CommandResult);
      else reject(new Error('The running hub ended the conversation without an answer'));
    });
  });
}
