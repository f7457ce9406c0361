import { Module } from '@nestjs/common';
import { GraphqlPartsModule } from '../graphql/graphql-parts.module.js';
import { AlertBook } from './alert-book.js';
import { AlertsResolver } from './alerts.resolver.js';
import { SystemHealthResolver } from './system-health.resolver.js';

/** Alerts and the state of the hub in the admin API. */
@Module({ imports: [GraphqlPartsModule], providers: [AlertBook, AlertsResolver, SystemHealthResolver] })
export class SystemModule {}
