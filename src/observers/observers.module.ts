import { Global, Module } from '@nestjs/common';
import { Observers } from './observers.js';

/** What is told of the hub's work, to whoever listens. */
@Global()
@Module({ providers: [Observers], exports: [Observers] })
export class ObserversModule {}
