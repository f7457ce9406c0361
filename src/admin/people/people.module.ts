import { Module } from '@nestjs/common';
import { GraphqlPartsModule } from '../graphql/graphql-parts.module.js';
import { AdminTokensResolver } from './admin-tokens.resolver.js';
import { MeResolver } from './me.resolver.js';
import { OwnSignInResolver } from './own-sign-in.resolver.js';
import { SessionsResolver } from './sessions.resolver.js';
import { SignInResolver } from './sign-in.resolver.js';
import { UserChangesResolver } from './user-changes.resolver.js';
import { UsersResolver } from './users.resolver.js';

/** Sign-in and the people who sign in. */
@Module({
  imports: [GraphqlPartsModule],
  providers: [
    MeResolver,
    SignInResolver,
    SessionsResolver,
    OwnSignInResolver,
    AdminTokensResolver,
    UsersResolver,
    UserChangesResolver,
  ],
})
export class PeopleModule {}
