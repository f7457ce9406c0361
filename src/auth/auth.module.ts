import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { LimitsModule } from '../limits/limits.module.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { ApiKeyService } from './api-key.service.js';
import { ImportedKeys } from './imported-keys.js';
import { LastUsedRecorder } from './last-used-recorder.js';

/** Who is calling, and may they. The guard stands before every handler of the application. */
@Module({
  imports: [LimitsModule],
  providers: [ApiKeyService, ImportedKeys, LastUsedRecorder, { provide: APP_GUARD, useClass: ApiKeyGuard }],
  exports: [ApiKeyService],
})
export class AuthModule {}
