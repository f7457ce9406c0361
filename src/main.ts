import 'reflect-metadata';
import { renderBanner } from './bootstrap/banner.js';
import { openProcessLog } from './common/process-log.js';
import { parseSettings } from './config/parse-settings.js';
import { type RunningHub, startHub } from './start-hub.js';

/** A message for the operator; a stack would hide it. */
function giveUp(error: unknown): never {
  process.stderr.write(`UG AI Hub cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const settings = parseSettings(process.env);
  const log = openProcessLog(settings.logLevel);
  let isStopping = false;
  const stop = (hub: RunningHub, exitCode: number): void => {
    if (isStopping) return;
    isStopping = true;
    hub
      .stop()
      .catch((error: unknown) => log.logger.error({ err: error }, 'The stop was not clean.'))
      .finally(() => {
        log.flush();
        process.exit(exitCode);
      });
  };
  const hub = await startHub(settings, process.env, log);
  process.stdout.write(renderBanner(hub.report, settings.server.publicUrl));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(hub, 0));
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      // The state may be damaged: take no more work, finish what is under way, and let the supervisor start anew.
      log.logger.fatal({ err: error }, 'An error nobody handled; the hub stops.');
      stop(hub, 1);
    });
  }
}

await main().catch(giveUp);
