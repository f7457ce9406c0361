import { Field, Int, ObjectType } from '@nestjs/graphql';
import { Allow } from './allow.decorator.js';

/** Somebody else has changed the row since it was read. */
@ObjectType({
  description: 'Somebody changed this since you read it. Nothing was saved: read it again and decide anew.',
})
@Allow('anybody')
export class VersionConflict {
  @Field(() => String, { description: 'What happened, for people.' })
  message!: string;

  @Field(() => Int, { description: 'The version there is now.' })
  currentVersion!: number;
}

/** The outcome of an update that saw an older version. @param what is named to people, such as `account 7`. */
export function versionConflict(what: string, currentVersion: number): VersionConflict {
  const message = `Somebody else changed ${what} in the meantime: it is at version ${currentVersion} now. Nothing was saved.`;
  return Object.assign(new VersionConflict(), { message, currentVersion });
}
