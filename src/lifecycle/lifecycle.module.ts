import { Global, Module } from '@nestjs/common';
import { Lifecycle } from './lifecycle.js';

/** Start and stop of the process, as its parts need to know of it. */
@Global()
@Module({ providers: [Lifecycle], exports: [Lifecycle] })
export class LifecycleModule {}
