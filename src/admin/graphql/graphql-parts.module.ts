import { Module } from '@nestjs/common';
import { LimitsModule } from '../../limits/limits.module.js';
import { UsersModule } from '../../users/users.module.js';
import { Authenticate } from './authenticate.js';
import { Mutations } from './mutations.js';

/** What the resolvers of all areas use. */
@Module({
  imports: [UsersModule, LimitsModule],
  providers: [Authenticate, Mutations],
  exports: [Authenticate, Mutations, UsersModule, LimitsModule],
})
export class GraphqlPartsModule {}
