import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DocsController } from './docs.controller.js';
import { DocsService } from './docs.service.js';
import { RouteExplorer } from './openapi/route-explorer.js';

/** `/docs` and `/api/openapi.json`, made from the operations that the handlers of all other modules carry. */
@Module({
  imports: [DiscoveryModule],
  controllers: [DocsController],
  providers: [DocsService, RouteExplorer],
  exports: [DocsService],
})
export class DocsModule {}
