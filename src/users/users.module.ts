import { Module } from '@nestjs/common';
import { Identify } from './identify.js';

/** The people who sign in. */
@Module({ providers: [Identify], exports: [Identify] })
export class UsersModule {}
