import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../auth/caller.js';
import { RequireApiKey } from '../../auth/permission.decorator.js';
import { ApiOperation } from '../../common/api-operation.decorator.js';
import { getModelOperation, listModelsOperation } from '../../docs/operations/models.operations.js';
import { ModelsService, type ModelView } from './models.service.js';

/** The models of this hub. */
@Controller('api/relay/v1/models')
@RequireApiKey('relay')
export class ModelsController {
  constructor(@Inject(ModelsService) private readonly models: ModelsService) {}

  @Get()
  @ApiOperation(listModelsOperation)
  list(@Req() request: FastifyRequest): { object: 'list'; data: ModelView[] } {
    return this.models.list(callerOf(request));
  }

  // A wildcard: model ids contain slashes, which some clients encode and others send as they are.
  @Get('*')
  @ApiOperation(getModelOperation)
  get(@Req() request: FastifyRequest, @Param('*') id: string): ModelView {
    return this.models.get(callerOf(request), id);
  }
}

function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new Error('The handler was reached without an authenticated caller.');
  return request.caller;
}
