import { lookup } from 'node:dns/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Alerts } from './alerts/alerts.service.js';
import { createApp } from './app.factory.js';
import { OpenAnswers, shutDown } from './app.shutdown.js';
import { type BootstrapReport, BootstrapService } from './bootstrap/bootstrap.service.js';
import { ConfigReload } from './bootstrap/config-reload.js';
import { type BootstrapInput, type BootstrapPlan, planBootstrap } from './bootstrap/plan-bootstrap.js';
import { ChannelStore } from './channels/channel-store.js';
import { CommandServer } from './cli/command-server.js';
import { commandSocketPath } from './cli/command-socket.js';
import type { ProcessLog } from './common/process-log.js';
import type { Settings } from './config/settings.js';
import { Database } from './database/database.js';
import { canSharePort } from './port-sharing.js';
import { sandboxProvider } from './providers/adapters/sandbox/sandbox-provider.js';
import { VENDORS } from './providers/vendors.js';
import { RedisService } from './redis/redis.service.js';
import { type SandboxServer, startSandbox } from './sandbox/sandbox-server.js';
import { Keyring } from './secrets/keyring.js';

/** A hub that serves. */
export interface RunningHub {
  readonly report: BootstrapReport;
  /** Applies HUB_CONFIG again, changed or not; without one there is nothing to apply. */
  reload(): void;
  /** Drains and closes everything. */
  stop(): Promise<void>;
}

/**
 * Starts the hub: database, sandbox where it is wanted, application, first-start set-up, operator commands, listening.
 * What was opened before a failure is closed again.
 *
 * @param env for provider keys and the variables of HUB_CONFIG.
 * @param onPrepared is given the report as soon as there is one: its secrets must be shown even if the start fails then.
 * @throws whatever keeps the hub from starting; its message is for the operator.
 */
export async function startHub(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
  log: ProcessLog,
  onPrepared: (report: BootstrapReport) => void,
): Promise<RunningHub> {
  // Closed in reverse: no more commands, then the application with its database, then the sandbox it may still be using.
  const parts = new AsyncDisposableStack();
  try {
    let sandbox: SandboxServer | undefined;
    let close: (() => Promise<void>) | undefined;
    parts.defer(async () => sandbox?.close());
    const database = await Database.open(settings.database);
    parts.defer(() => (close === undefined ? database.close() : close()));
    const input: BootstrapInput = { settings, env, providers: VENDORS };
    const plan = await planBootstrap(database.sql, input);
    if (plan.isSandboxOn) sandbox = await startSandbox({});
    const providers = sandbox === undefined ? VENDORS : [...VENDORS, sandboxProvider(sandbox.url)];
    const app = await createApp({ settings, database, providers }, log.logger);
    const answers = new OpenAnswers(app.getHttpServer());
    close = () => shutDown(app, answers, settings.server.drainTimeoutMs);
    const report = await app.get(BootstrapService).run(plan);
    onPrepared(report);
    // One address: of a name that has several, such as localhost, Fastify would serve the others without our handlers.
    const { address } = await lookup(settings.server.host);
    // Fastify hands all of it to the server, though its types do not know the last.
    const place = { port: settings.server.port, host: address, reusePort: canSharePort(settings) };
    const socketPath = commandSocketPath(settings.database);
    if (socketPath !== undefined) parts.use(await serveCommands(socketPath, app, settings, database));
    // Nothing is waited for after this: whoever finds the hub ready may send it a signal, and it has to know what is to be drained.
    await app.listen(place);
    const reload = watchConfig(app, plan, { ...input, canRunSandbox: sandbox !== undefined });
    if (reload !== undefined) parts.use(reload);
    return { report, reload: () => reload?.reload(), stop: () => parts.disposeAsync() };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

/** Follows the changes of HUB_CONFIG; undefined where none is named. @param started what it said at the start, and what was made of it. */
function watchConfig(
  app: NestFastifyApplication,
  { configText: text, declarations }: BootstrapPlan,
  input: BootstrapInput,
): ConfigReload | undefined {
  const path = input.settings.configFile;
  if (path === undefined || text === undefined) return undefined;
  const { sql } = app.get(Database);
  const reload = new ConfigReload({
    path,
    text,
    declarations,
    plan: (configText) => planBootstrap(sql, { ...input, configText }),
    bootstrap: app.get(BootstrapService),
    redis: app.get(RedisService),
    alerts: app.get(Alerts),
  });
  reload.start();
  return reload;
}

/** Takes operator commands while this process has the embedded database to itself. */
async function serveCommands(
  socketPath: string,
  app: NestFastifyApplication,
  settings: Settings,
  database: Database,
): Promise<AsyncDisposable> {
  const redis = app.get(RedisService);
  const server = new CommandServer(socketPath, {
    sql: database.sql,
    keyring: app.get(Keyring),
    channels: app.get(ChannelStore),
    settings,
    publish: (topic) => redis.publish(topic, ''),
  });
  await server.start();
  return { [Symbol.asyncDispose]: () => server.close() };
}
