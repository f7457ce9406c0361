import { Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { LimitsModule } from '../limits/limits.module.js';
import { UsersModule } from '../users/users.module.js';
import { AdminServerHolder } from './graphql/admin-server-holder.js';
import { Authenticate } from './graphql/authenticate.js';
import { GraphqlController } from './graphql/graphql.controller.js';
import { HubGraphqlDriver } from './graphql/graphql.driver.js';
import { Mutations } from './graphql/mutations.js';
import { MeResolver } from './people/me.resolver.js';

@Module({ providers: [AdminServerHolder], exports: [AdminServerHolder] })
class AdminServerModule {}

/** The admin API: one GraphQL schema over everything an operator does. */
@Module({
  imports: [
    AdminServerModule,
    UsersModule,
    LimitsModule,
    GraphQLModule.forRootAsync({
      driver: HubGraphqlDriver,
      imports: [AdminServerModule],
      useFactory: () => ({ autoSchemaFile: true, sortSchema: true }),
    }),
  ],
  controllers: [GraphqlController],
  providers: [Authenticate, Mutations, MeResolver],
})
export class AdminModule {}
