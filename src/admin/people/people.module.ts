import { Module } from '@nestjs/common';
import { GraphqlPartsModule } from '../graphql/graphql-parts.module.js';
import { MeResolver } from './me.resolver.js';

/** Sign-in and the people who sign in. */
@Module({ imports: [GraphqlPartsModule], providers: [MeResolver] })
export class PeopleModule {}
