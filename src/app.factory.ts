import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule, type AppParts } from './app.module.js';
import { createAdapter, setUpApp } from './app.setup.js';
import { NestLogger } from './http/nest-logger.js';

/** Makes the application, ready for `init` or `listen`. */
export async function createApp(parts: AppParts, logger: Logger): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(parts, await optionalModules(parts)),
    createAdapter(parts.settings),
    {
      logger: new NestLogger(logger),
      bodyParser: false,
      abortOnError: false,
    },
  );
  setUpApp(app, parts.settings, logger);
  return app;
}

/**
 * Loaded where they are wanted only: GraphQL takes most of a second to load and to put its schema together, and what counts and
 * traces should cost nothing where nobody looks.
 */
async function optionalModules({ settings }: AppParts): Promise<Type[]> {
  const modules: Type[] = [];
  const { metricsToken, tracing } = settings.observability;
  if (metricsToken !== undefined) modules.push((await import('./metrics/metrics.module.js')).MetricsModule);
  if (tracing !== undefined) modules.push((await import('./tracing/tracing.module.js')).TracingModule);
  if (settings.admin.isOn) modules.push((await import('./admin/admin.module.js')).AdminModule);
  return modules;
}
