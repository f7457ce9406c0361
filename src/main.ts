import 'reflect-metadata';
import type { Logger } from 'pino';
import { renderBanner, renderSecrets } from './bootstrap/banner.js';
import { checkPort } from './check-port.js';
import { announce, isPrimary, isWorker, runPrimary } from './cluster.js';
import { openProcessLog } from './common/process-log.js';
import { parseSettings } from './config/parse-settings.js';
import { canSharePort, lockPort } from './port-sharing.js';
import { type RunningHub, startHub } from './start-hub.js';

/** Beyond the drain window; then the process goes, whatever does not close. */
const STOP_MS_MAX = 4500;

/** A message for the operator; a stack would hide it. */
function giveUp(error: unknown): never {
  process.stderr.write(`UG AI Hub cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/** Node answers SIGUSR1 by opening its inspector, which reads and runs anything, to all on this machine. */
function keepInspectorShut(logger: Logger): void {
  process.on('SIGUSR1', () => logger.warn('SIGUSR1 is ignored: there is no debugging in production.'));
}

async function main(): Promise<void> {
  const settings = parseSettings(process.env);
  const log = openProcessLog(settings.logLevel);
  if (settings.isProduction) keepInspectorShut(log.logger);
  // First of all: a first start that fails only after its set-up would have made secrets that nobody gets to see.
  if (!isWorker()) await checkPort(settings.server);
  if (isPrimary(settings.workers)) {
    const givePortBack = canSharePort(settings) ? await lockPort(settings.server) : undefined;
    // Before the first worker, which may have something to say at once.
    if (settings.observability.metricsToken !== undefined) {
      (await import('./metrics/primary-metrics.js')).servePrimaryMetrics();
    }
    runPrimary(settings.workers, (text) => log.logger.warn(text), givePortBack);
    return;
  }
  let hub: RunningHub | undefined;
  let isStopping = false;
  // What a first start generated, until a banner has shown it.
  let unseen = '';
  const showUnseen = (): void => {
    process.stderr.write(unseen);
  };
  const end = (exitCode: number): void => {
    showUnseen();
    void log.close().finally(() => process.exit(exitCode));
  };
  const stop = (exitCode: number): void => {
    // Nothing is served yet, so nobody has to be waited for.
    if (hub === undefined) {
      end(exitCode);
      return;
    }
    if (isStopping) return;
    isStopping = true;
    const giveUpAfterMs = settings.server.drainTimeoutMs + STOP_MS_MAX;
    setTimeout(() => {
      log.logger.error(`The stop did not come to its end within ${giveUpAfterMs} ms.`);
      end(1);
    }, giveUpAfterMs);
    hub
      .stop()
      .catch((error: unknown) => log.logger.error({ err: error }, 'The stop was not clean.'))
      .finally(() => end(exitCode));
  };
  // Before the start: as the first process of a container it would not get a signal that it has no handler for.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(0));
  process.on('SIGHUP', () => {
    // In a terminal it means that the terminal is gone.
    if (process.stdout.isTTY) stop(0);
    else hub?.reload();
  });
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      // The state may be damaged: take no more work, finish what is under way, and let the supervisor start anew.
      log.logger.fatal({ err: error }, 'An error nobody handled; the hub stops.');
      stop(1);
    });
  }
  hub = await startHub(settings, process.env, log, (report) => {
    unseen = renderSecrets(report);
  }).catch((error: unknown) => {
    showUnseen();
    throw error;
  });
  const banner = renderBanner(hub.report, settings.server.publicUrl);
  announce({ banner, isFirstStart: hub.report.firstStart !== undefined });
  unseen = '';
}

await main().catch(giveUp);
