import { ArgsType, Field, GraphQLISODateTime, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { Allow } from '../graphql/allow.decorator.js';
import { Connection, PageArgs } from '../graphql/connection.js';

/** A session that is going on. */
@ObjectType({ description: 'A sign-in that is going on.' })
@Allow('self:read')
export class UserSession {
  @Field(() => ID, { description: 'The id of the session.' })
  id!: string;

  @Field(() => ID, { description: 'Whose it is.' })
  userId!: string;

  @Field(() => String, { description: 'The address from which it was begun.' })
  address!: string;

  @Field(() => String, { description: 'What the browser or tool called itself.' })
  userAgent!: string;

  @Field(() => GraphQLISODateTime, { description: 'When it was begun.' })
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { description: 'When it was used last, to the minute.' })
  lastSeenAt!: Date;

  @Field(() => GraphQLISODateTime, { description: 'When it ends at the latest.' })
  expiresAt!: Date;

  @Field(() => Boolean, { description: 'This very request is made with it.' })
  isCurrent!: boolean;
}

/** A page of sessions. */
@ObjectType({ description: 'Sessions that are going on, newest first.' })
@Allow('self:read')
export class UserSessionConnection extends Connection(UserSession, 'UserSession') {}

/** Whose sessions or tokens are wanted, and which page of them. */
@ArgsType()
export class OfUserArgs extends PageArgs {
  @Field(() => ID, {
    nullable: true,
    description: 'Whose; without it your own. Others need the permission `users:read`.',
  })
  userId?: string | null;
}

/** Which session is to end. */
@InputType({ description: 'Which session is to end.' })
export class EndSessionInput {
  @Field(() => ID, { description: 'The id of the session.' })
  id!: string;
}

/** Whose sessions are to end. */
@InputType({ description: 'Which sessions are to end.' })
export class EndAllSessionsInput {
  @Field(() => Boolean, { defaultValue: true, description: 'The session of this very request goes on.' })
  exceptCurrent!: boolean;

  @Field(() => ID, {
    nullable: true,
    description: 'Whose; without it your own. Those of others need the permission `users:write`.',
  })
  userId?: string | null;
}

/** How many sessions were ended. */
@ObjectType({ description: 'Sessions were ended: their tokens and cookies are refused from now on.' })
@Allow('self:read')
export class EndedSessions {
  @Field(() => Int, { description: 'How many there were.' })
  count!: number;
}
