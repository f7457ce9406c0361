import { Module } from '@nestjs/common';
import { GraphqlPartsModule } from '../graphql/graphql-parts.module.js';
import { AuditLogResolver } from './audit-log.resolver.js';

/** The audit log in the admin API. */
@Module({ imports: [GraphqlPartsModule], providers: [AuditLogResolver] })
export class AuditLogModule {}
