import { Field, Int, ObjectType } from '@nestjs/graphql';
import { Allow } from '../graphql/allow.decorator.js';
import { Count } from '../graphql/scalars.js';

/** A process of the hub. */
@ObjectType({ description: 'A process of the hub that has served from this database.' })
@Allow('system:read')
export class HubInstance {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => Date, { description: 'When it started.' })
  startedAt!: Date;

  @Field(() => Boolean, { description: 'It has given a sign of life in time.' })
  isAlive!: boolean;
}

/** How the hub is. */
@ObjectType({ description: 'How the hub is, as of now.' })
@Allow('system:read')
export class SystemHealth {
  @Field(() => String, { description: 'Version of the process that answers.' })
  version!: string;

  @Field(() => String, { description: 'embedded or postgresql.' })
  database!: string;

  @Field(() => String, { description: 'Of Redis: ok, error or disabled.' })
  redis!: string;

  @Field(() => [HubInstance], { description: 'Processes that serve, or did so during the last hour; at most 100.' })
  instances!: HubInstance[];

  @Field(() => Count, { description: 'Holds that are open: requests and jobs under way.' })
  openHolds!: number;

  @Field(() => Count, {
    description: 'Open holds of requests whose lease ran out more than 30 seconds ago. Should be 0.',
  })
  stuckHolds!: number;

  @Field(() => Count, { description: 'Jobs that are not over.' })
  jobsInFlight!: number;

  @Field(() => Count, {
    description: 'Of these, jobs that should have been looked at more than a minute ago. Should be 0.',
  })
  jobsOverdue!: number;

  @Field(() => Count, { description: 'Messages to customers that are still to be delivered.' })
  webhooksWaiting!: number;

  @Field(() => Int, { description: 'Alerts of severity CRITICAL that nobody sees to.' })
  criticalAlerts!: number;

  @Field(() => Date, { description: 'Until when usage is part of the statistics.' })
  statisticsAsOf!: Date;

  @Field(() => Date, { nullable: true, description: 'When all the books were last audited.' })
  auditedAt!: Date | null;
}
