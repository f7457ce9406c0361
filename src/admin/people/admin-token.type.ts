import { Field, GraphQLISODateTime, ID, InputType, ObjectType } from '@nestjs/graphql';
import { Allow } from '../graphql/allow.decorator.js';
import { Connection } from '../graphql/connection.js';

/** A personal admin token, without its secret. */
@ObjectType('AdminToken', {
  description:
    'A personal admin token for automation: it may at most what its person may, narrowed to its permissions.',
})
@Allow('self:read')
export class AdminTokenNode {
  @Field(() => ID, { description: 'The id of the token.' })
  id!: string;

  @Field(() => ID, { description: 'Whose it is.' })
  userId!: string;

  @Field(() => String, { description: 'What it is for.' })
  name!: string;

  @Field(() => String, { description: 'Its last four characters.' })
  last4!: string;

  @Field(() => [String], { description: 'What it may do, as far as its person still may.' })
  permissions!: readonly string[];

  @Field(() => GraphQLISODateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { description: 'When it ends.' })
  expiresAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it was revoked.' })
  revokedAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it was used last, to the minute.' })
  lastUsedAt!: Date | null;
}

/** A page of tokens. */
@ObjectType({ description: 'Admin tokens, newest first, also those that count no more.' })
@Allow('self:read')
export class AdminTokenConnection extends Connection(AdminTokenNode, 'AdminToken') {}

/** A token that somebody wants. */
@InputType({ description: 'A token that you want.' })
export class CreateAdminTokenInput {
  @Field(() => String, { description: 'What it is for; at most 128 characters.' })
  name!: string;

  @Field(() => [String], { description: 'What it may do, such as `keys:read`: permissions that you have yourself.' })
  permissions!: string[];

  @Field(() => GraphQLISODateTime, { description: 'When it ends; at most one year from now.' })
  expiresAt!: Date;
}

/** A token that was made. */
@ObjectType({ description: 'A token was made.' })
@Allow('self:read')
export class CreatedAdminToken {
  @Field(() => String, { description: 'The token itself, shown this once.' })
  token!: string;

  @Field(() => AdminTokenNode, { description: 'What is kept of it.' })
  adminToken!: AdminTokenNode;
}

/** Which token is to be revoked. */
@InputType({ description: 'Which token is to be revoked.' })
export class RevokeAdminTokenInput {
  @Field(() => ID, { description: 'The id of the token.' })
  id!: string;
}
