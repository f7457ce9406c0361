import { Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { AuditLogModule } from './audit/audit-log.module.js';
import { CatalogueModule } from './catalogue/catalogue.module.js';
import { CustomersModule } from './customers/customers.module.js';
import { FeedsModule } from './feeds/feeds.module.js';
import { AdminServerHolder } from './graphql/admin-server-holder.js';
import { GraphqlController } from './graphql/graphql.controller.js';
import { HubGraphqlDriver } from './graphql/graphql.driver.js';
import { GraphqlPartsModule } from './graphql/graphql-parts.module.js';
import { AdminJobsModule } from './jobs/admin-jobs.module.js';
import { PeopleModule } from './people/people.module.js';
import { PlaygroundController } from './playground/playground.controller.js';
import { SystemModule } from './system/system.module.js';
import { TrafficModule } from './traffic/traffic.module.js';

@Module({ providers: [AdminServerHolder], exports: [AdminServerHolder] })
class AdminServerModule {}

/** The admin API: one GraphQL schema over everything an operator does. */
@Module({
  imports: [
    AdminServerModule,
    GraphqlPartsModule,
    GraphQLModule.forRootAsync({
      driver: HubGraphqlDriver,
      imports: [AdminServerModule],
      useFactory: () => ({ autoSchemaFile: true, sortSchema: true }),
    }),
    CustomersModule,
    PeopleModule,
    AdminJobsModule,
    FeedsModule,
    SystemModule,
    TrafficModule,
    AuditLogModule,
    CatalogueModule,
  ],
  controllers: [GraphqlController, PlaygroundController],
})
export class AdminModule {}
