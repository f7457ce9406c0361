import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { HoldState, RequestRow } from '../../reporting/list-requests.js';
import { Allow } from '../graphql/allow.decorator.js';
import { Connection } from '../graphql/connection.js';
import { Count, Credits } from '../graphql/scalars.js';
import { toRequestId } from './traffic-scope.js';

/** {@link HoldState} in the schema. */
export const HoldStateEnum = {
  OPEN: 'open',
  SETTLED: 'settled',
  RELEASED: 'released',
  SWEPT: 'swept',
} as const satisfies Readonly<Record<string, HoldState>>;

registerEnumType(HoldStateEnum, {
  name: 'HoldState',
  description: 'What has become of the money that was set aside for a request.',
  valuesMap: {
    OPEN: { description: 'It is set aside: the request goes on.' },
    SETTLED: { description: 'The request was paid.' },
    RELEASED: { description: 'It was given back: the request cost nothing.' },
    SWEPT: { description: 'The instance that had the request was gone; what was known to be used was paid.' },
  },
});

/** Kinds of requests in the schema. */
export const RequestKindEnum = { SYNC: 'sync', STREAM: 'stream', JOB: 'video' } as const;
/** One of {@link RequestKindEnum}. */
export type RequestKind = (typeof RequestKindEnum)[keyof typeof RequestKindEnum];

registerEnumType(RequestKindEnum, {
  name: 'RequestKind',
  description: 'How a request is answered.',
  valuesMap: {
    SYNC: { description: 'In one piece.' },
    STREAM: { description: 'As a stream.' },
    JOB: { description: 'Later: a video, or a picture made in the background.' },
  },
});

/** One request of a customer. */
@ObjectType({
  description: 'One request of a customer: one hold, and the attempts at upstreams that were made for it.',
})
@Allow('usage:read')
export class Request {
  @Field(() => ID, { description: 'The x-request-id: req_ and 32 hex digits.' })
  id!: string;

  @Field(() => ID, { description: 'The account that pays.' })
  accountId!: string;

  @Field(() => ID, { nullable: true, description: 'The API key.' })
  keyId!: string | null;

  @Field(() => String, { description: 'Public name of the model.' })
  model!: string;

  @Field(() => String, { description: 'The end user that the customer named; empty without one.' })
  userIdentifier!: string;

  @Field(() => RequestKindEnum, { description: 'How it is answered.' })
  kind!: string;

  @Field(() => HoldStateEnum, { description: 'What has become of its money.' })
  state!: HoldState;

  @Field(() => Credits, { description: 'What was set aside for it.' })
  held!: bigint;

  @Field(() => Credits, { nullable: true, description: 'What it cost; null while it goes on.' })
  cost!: bigint | null;

  @Field(() => Date, { description: 'When it began.' })
  startedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was booked; null while it goes on.' })
  endedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'Such as chat/completions; null while it goes on.' })
  endpoint!: string | null;

  @Field(() => ID, { nullable: true, description: 'The channel that it ended on.' })
  @Allow('channels:read')
  channelId!: string | null;

  @Field(() => String, { nullable: true, description: 'How it ended; null while it goes on.' })
  outcome!: string | null;

  @Field(() => String, { nullable: true, description: 'Why it did not end well.' })
  errorCode!: string | null;

  @Field(() => Boolean, { nullable: true, description: 'The hub counted the tokens itself.' })
  isEstimated!: boolean | null;

  @Field(() => Count, { nullable: true, description: 'Tokens of the prompt.' })
  inputTokens!: bigint | null;

  @Field(() => Count, { nullable: true, description: 'Tokens of the answer.' })
  outputTokens!: bigint | null;

  @Field(() => Count, { nullable: true, description: 'Milliseconds it took.' })
  durationMs!: number | null;

  @Field(() => Count, { nullable: true, description: 'Milliseconds to the first token.' })
  firstTokenMs!: number | null;
}

/** One page of requests. */
@ObjectType({
  description: 'One page of requests. It may be short and yet have a next page, with filters that few requests meet.',
})
@Allow('usage:read')
export class RequestConnection extends Connection(Request, 'Request') {}

/** A request as the schema shows it. */
export function toRequest({ id, ...row }: RequestRow): Request {
  return Object.assign(new Request(), row, { id: toRequestId(id) });
}
