import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { AlertSeverity } from '../../alerts/alert.js';
import { Allow } from '../graphql/allow.decorator.js';
import { Connection, PageArgs } from '../graphql/connection.js';
import { Json } from '../graphql/scalars.js';

/** {@link AlertSeverity} in the schema. */
export const AlertSeverityEnum = {
  INFO: 'info',
  WARNING: 'warning',
  CRITICAL: 'critical',
} as const satisfies Readonly<Record<string, AlertSeverity>>;

registerEnumType(AlertSeverityEnum, {
  name: 'AlertSeverity',
  description: 'How soon somebody should look.',
  valuesMap: {
    INFO: { description: 'Some day.' },
    WARNING: { description: 'Today.' },
    CRITICAL: { description: 'Now.' },
  },
});

/** Something an operator should know. */
@ObjectType({ description: 'Something an operator should know; docs/alerts.md says what to do.' })
@Allow('alerts:read')
export class Alert {
  @Field(() => ID, { description: 'Id of the alert.' })
  id!: string;

  @Field(() => String, { description: 'What kind of thing happened, such as books_violation.' })
  kind!: string;

  @Field(() => AlertSeverityEnum, { description: 'How soon somebody should look.' })
  severity!: AlertSeverity;

  @Field(() => String, { description: 'What it is about, such as account:1000 or channel:3.' })
  subject!: string;

  @Field(() => String, { description: 'One sentence for people.' })
  message!: string;

  @Field(() => Json, { description: 'Facts for programs; amounts are nano-credits.' })
  details!: unknown;

  @Field(() => Date, { description: 'When it was raised.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When the webhook took it.' })
  deliveredAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'Why the webhook did not take it, the last time.' })
  lastError!: string | null;

  @Field(() => Date, { nullable: true, description: 'When somebody said that it is seen to.' })
  acknowledgedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'Who said so.' })
  acknowledgedBy!: string | null;
}

/** Alerts of a page. */
@ObjectType({ description: 'A page of alerts.' })
@Allow('alerts:read')
export class AlertConnection extends Connection(Alert, 'Alert') {}

/** Which alerts are wanted. */
@InputType({ description: 'Which alerts are wanted; all parts must hold.' })
export class AlertFilter {
  @Field(() => [AlertSeverityEnum], { nullable: true, description: 'Only with one of these.' })
  severities?: AlertSeverity[];

  @Field(() => String, { nullable: true, description: 'Only of this kind.' })
  kind?: string;

  @Field(() => String, { nullable: true, description: 'Only about this, such as account:1000.' })
  subject?: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'true: only those that somebody sees to; false: only the others.',
  })
  isAcknowledged?: boolean;
}

/** A page of alerts. */
@ArgsType()
export class AlertsArgs extends PageArgs {
  @Field(() => AlertFilter, { nullable: true, description: 'Which alerts are wanted.' })
  filter?: AlertFilter | null;
}
