import { ArgsType, createUnionType, Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { Allow } from '../graphql/allow.decorator.js';
import { Connection, PageArgs } from '../graphql/connection.js';

/** A captured exchange without its contents. */
@ObjectType({ description: 'A request and its answer that were captured, without what was said in them.' })
@Allow('capture:read')
export class CapturedExchange {
  @Field(() => ID, { description: 'Id of the exchange.' })
  id!: string;

  @Field(() => ID, { description: 'The x-request-id: req_ and 32 hex digits.' })
  requestId!: string;

  @Field(() => ID, { description: 'The account.' })
  accountId!: string;

  @Field(() => ID, { description: 'The API key.' })
  keyId!: string;

  @Field(() => String, { description: 'Method and path.' })
  endpoint!: string;

  @Field(() => String, { nullable: true, description: 'The model as it was asked for.' })
  model!: string | null;

  @Field(() => Int, { description: 'HTTP status of the answer.' })
  status!: number;

  @Field(() => Boolean, { description: 'One of the sides was too long and was cut off.' })
  isTruncated!: boolean;

  @Field(() => Date, { description: 'When it was captured.' })
  createdAt!: Date;

  @Field(() => Date, { description: 'When it is deleted.' })
  expiresAt!: Date;
}

/** One page of captured exchanges. */
@ObjectType({ description: 'One page of captured exchanges.' })
@Allow('capture:read')
export class CapturedExchangeConnection extends Connection(CapturedExchange, 'CapturedExchange') {}

/** Both sides in the clear. */
@ObjectType({ description: 'What was said in a captured exchange. That it was opened stands in the audit log.' })
@Allow('capture:read')
export class OpenedExchange {
  @Field(() => CapturedExchange, { description: 'The exchange.' })
  exchange!: CapturedExchange;

  @Field(() => String, {
    nullable: true,
    description: 'The body of the request, of an upload its fields as JSON; null when it broke off before it was read.',
  })
  request!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The answer as it was sent, of a stream all its events; null when there was none.',
  })
  response!: string | null;
}

/** An exchange that does not open. */
@ObjectType({ description: 'The exchange is there, and cannot be decrypted.' })
@Allow('capture:read')
export class UnreadableExchange {
  @Field(() => String, { description: 'What happened, for people, and what can be done.' })
  message!: string;
}

export const OpenCapturedExchangeResult = createUnionType({
  name: 'OpenCapturedExchangeResult',
  description: 'What came of opening a captured exchange.',
  types: () => [OpenedExchange, UnreadableExchange] as const,
});

/** A key whose capture is on. */
@ObjectType({ description: 'An API key whose requests and answers are captured now.' })
@Allow('capture:read')
export class CaptureSetting {
  @Field(() => ID, { description: 'The API key.' })
  keyId!: string;

  @Field(() => ID, { description: 'Its account.' })
  accountId!: string;

  @Field(() => Date, { description: 'Until when.' })
  until!: Date;
}

/** One page of keys whose capture is on. */
@ObjectType({ description: 'One page of keys whose capture is on.' })
@Allow('capture:read')
export class CaptureSettingConnection extends Connection(CaptureSetting, 'CaptureSetting') {}

/** The capture of a key after a change. */
@ObjectType({ description: 'The capture of an API key was changed.' })
@Allow('capture:write')
export class CaptureChanged {
  @Field(() => ID, { description: 'The API key.' })
  keyId!: string;

  @Field(() => Date, {
    nullable: true,
    description: 'Until when its requests and answers are captured; null: they are not.',
  })
  until!: Date | null;
}

/** Which exchanges are wanted. */
@InputType({ description: 'Which captured exchanges are wanted; all parts must hold.' })
export class CapturedExchangesFilter {
  @Field(() => ID, { nullable: true, description: 'Only with this API key.' })
  keyId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only of this account.' })
  accountId?: string | null;
}

/** A page of captured exchanges. */
@ArgsType()
export class CapturedExchangesArgs extends PageArgs {
  @Field(() => CapturedExchangesFilter, { nullable: true, description: 'Which ones are wanted.' })
  filter?: CapturedExchangesFilter | null;
}

/** Whose capture is switched on or off. */
@InputType({ description: 'Whose capture is switched on until a moment, or off.' })
export class SetCaptureInput {
  @Field(() => ID, { description: 'The API key.' })
  keyId!: string;

  @Field(() => Date, { nullable: true, description: 'Until when, at most seven days ahead; null: off, from now on.' })
  until?: Date | null;

  @Field(() => String, { nullable: true, description: 'Why, for the audit log; at most 500 characters.' })
  reason?: string | null;
}
