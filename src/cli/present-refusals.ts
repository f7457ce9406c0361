import { HubError } from '../common/hub-error.js';
import { CommandError, type CommandResult, UsageError } from './command.js';

/** Runs a command; refusals become their message and exit code. Other errors are thrown. */
export async function presentRefusals(
  { name, usage }: { readonly name: string; readonly usage: string },
  run: () => Promise<CommandResult>,
): Promise<CommandResult> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UsageError) {
      return { exitCode: 2, stderr: `${error.message}\nusage: npm run hub -- ${name} ${usage}\n` };
    }
    if (error instanceof CommandError) return { exitCode: 1, stderr: `${error.message}\n` };
    // Rules that the API keeps as well speak to whoever asked.
    if (error instanceof HubError && error.status < 500) return { exitCode: 1, stderr: `${error.message}\n` };
    throw error;
  }
}
