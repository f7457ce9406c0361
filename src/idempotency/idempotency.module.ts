import { Module } from '@nestjs/common';
import { Idempotency } from './idempotency.service.js';
import { IdempotencySweeper } from './idempotency-sweeper.js';

/** Requests that happen once, however often they are sent. */
@Module({ providers: [Idempotency, IdempotencySweeper], exports: [Idempotency] })
export class IdempotencyModule {}
