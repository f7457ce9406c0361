import { connect } from 'node:net';
import { CommandError, type CommandInput, type CommandResult } from './command.js';

const ANSWER_MS_MAX = 60_000;
/** Nobody is there: no such file, nobody behind it, or a path that no socket can have. */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'EINVAL']);

/**
 * Has a running hub carry out a command.
 *
 * @param answerMsMax how long its answer may take.
 * @returns undefined when no hub listens on the socket.
 * @throws CommandError when there is a hub that cannot be asked or does not answer.
 */
export function sendCommand(
  socketPath: string,
  command: string,
  input: CommandInput,
  answerMsMax = ANSWER_MS_MAX,
): Promise<CommandResult | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath, () => socket.write(`${JSON.stringify({ command, ...input })}\n`));
    let text = '';
    socket.setEncoding('utf8').setTimeout(answerMsMax, () => socket.destroy(new Error('it does not answer')));
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (NOBODY.has(error.code ?? '')) resolve(undefined);
      else reject(new CommandError(`The running hub cannot be asked: ${error.message}`));
    });
    socket.on('end', () => {
      // Half closed it would keep this process.
      socket.destroy();
      if (text.endsWith('\n')) resolve(JSON.parse(text) as CommandResult);
      else reject(new CommandError('The running hub ended the conversation without an answer.'));
    });
  });
}
