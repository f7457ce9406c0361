import { ArgsType, Field, GraphQLISODateTime, ID, InputType, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { AuditActor } from '../../audit-log/audit-row.js';
import { Allow } from '../graphql/allow.decorator.js';
import { Connection, PageArgs } from '../graphql/connection.js';
import { Json } from '../graphql/scalars.js';

/** Kinds of {@link AuditActor} in the schema. */
const AuditActorKindEnum = {
  SESSION: 'session',
  TOKEN: 'token',
  CLI: 'cli',
  SYSTEM: 'system',
  NOBODY: 'nobody',
} as const satisfies { readonly [Kind in AuditActor['kind'] as Uppercase<Kind>]: Kind };
registerEnumType(AuditActorKindEnum, {
  name: 'AuditActorKind',
  description: 'How somebody who made a change was known.',
  valuesMap: {
    SESSION: { description: 'A person who had signed in.' },
    TOKEN: { description: 'A personal admin token.' },
    CLI: { description: 'A command on the machine of the hub.' },
    SYSTEM: { description: 'The hub itself.' },
    NOBODY: { description: 'A visitor, such as one whose sign-in failed.' },
  },
});

/** A row of the audit log. */
@ObjectType({ description: 'One change that somebody made, or a sign-in.' })
@Allow('audit:read')
export class AuditEntry {
  @Field(() => ID, { description: 'The number of the row: 1, 2, 3, without holes.' })
  seq!: string;

  @Field(() => GraphQLISODateTime, { description: 'When.' })
  createdAt!: Date;

  @Field(() => AuditActorKindEnum, { description: 'How the one who did it was known.' })
  actorKind!: AuditActor['kind'];

  @Field(() => ID, { nullable: true, description: 'The person who did it.' })
  actorUserId!: string | null;

  @Field(() => String, { description: 'The e-mail of the person, `cli` or the name of a task; empty for visitors.' })
  actor!: string;

  @Field(() => String, { description: 'The address it came from; empty where there is none.' })
  address!: string;

  @Field(() => String, { description: 'The id of the request, as in the log of the hub; empty where there is none.' })
  requestId!: string;

  @Field(() => String, { description: 'What was done, such as `apiKey.create`.' })
  action!: string;

  @Field(() => String, { description: 'The kind of what was changed, such as `apiKey`.' })
  subjectKind!: string;

  @Field(() => ID, { description: 'The id of what was changed.' })
  subjectId!: string;

  @Field(() => ID, { nullable: true, description: 'The account it belongs to.' })
  accountId!: string | null;

  @Field(() => String, { nullable: true, description: 'The reason that was given.' })
  reason!: string | null;

  @Field(() => Json, { nullable: true, description: 'How it was, as far as it is of interest, without secrets.' })
  before!: unknown;

  @Field(() => Json, { nullable: true, description: 'How it was afterwards, without secrets.' })
  after!: unknown;
}

/** A page of the audit log. */
@ObjectType({ description: 'The audit log, newest first.' })
@Allow('audit:read')
export class AuditEntryConnection extends Connection(AuditEntry, 'AuditEntry') {}

/** Which rows are wanted. */
@InputType({ description: 'Which rows of the audit log are wanted; all that is given must fit.' })
export class AuditFilter {
  @Field(() => ID, { nullable: true, description: 'Only what this person did.' })
  actorUserId?: string | null;

  @Field(() => String, { nullable: true, description: 'How the action begins, such as `apiKey.`; taken literally.' })
  action?: string | null;

  @Field(() => String, { nullable: true, description: 'The kind of what was changed, such as `apiKey`.' })
  subjectKind?: string | null;

  @Field(() => ID, { nullable: true, description: 'The id of what was changed; needs `subjectKind`.' })
  subjectId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only what belongs to this account.' })
  accountId?: string | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'From this moment on.' })
  from?: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Before this moment.' })
  to?: Date | null;
}

/** Which page of which rows. */
@ArgsType()
export class AuditPageArgs extends PageArgs {
  @Field(() => AuditFilter, { nullable: true, description: 'Which rows; without it all.' })
  filter?: AuditFilter | null;
}
