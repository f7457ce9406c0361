import { Module } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { readProductVersion } from '../docs/read-product-version.js';
import { RoutingModule } from '../routing/routing.module.js';
import { openTracer } from './open-tracer.js';
import { OPEN_TRACER, TracingService } from './tracing.service.js';

/** Traces by OTLP; part of the application only where OTEL_EXPORTER_OTLP_ENDPOINT is set. */
@Module({
  imports: [RoutingModule],
  providers: [
    {
      provide: OPEN_TRACER,
      inject: [SETTINGS],
      useFactory: async ({ observability: { tracing } }: Settings) => {
        if (tracing === undefined) throw new Error('The module of traces was loaded without a collector.');
        return openTracer(tracing, await readProductVersion());
      },
    },
    TracingService,
  ],
})
export class TracingModule {}
