import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { ADMIN_SQL, type Sql, type SqlSession } from '../../database/sql.js';
import { findPerson, type Person } from '../../users/people.js';
import { endSession, endSessionsOf, findSession, type LiveSession, listSessions } from '../../users/sessions.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { readPage, toPage } from '../graphql/connection.js';
import { notFound } from '../graphql/graphql.errors.js';
import { Mutations } from '../graphql/mutations.js';
import { readId } from '../graphql/read-id.js';
import { requireTouch } from './may-touch.js';
import { ownOrOther } from './own-or-other.js';
import {
  EndAllSessionsInput,
  EndedSessions,
  EndSessionInput,
  OfUserArgs,
  UserSession,
  UserSessionConnection,
} from './session.type.js';

/** Sessions: who is signed in where. */
@Resolver(() => UserSession)
export class SessionsResolver {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(Mutations) private readonly mutations: Mutations,
  ) {}

  @Query(() => UserSessionConnection, { description: 'Sessions that are going on: where a person is signed in.' })
  @Allow('self:read')
  async sessions(@Args() args: OfUserArgs, @Context() context: AdminContext): Promise<UserSessionConnection> {
    const userId = ownOrOther(context, args.userId);
    const page = readPage(args, [/^\d{1,18}$/]);
    const rows = await listSessions(this.sql, userId, { before: page.after?.[0] ?? null, limit: page.limit });
    return toPage(
      page,
      rows,
      ({ id }) => [id],
      (row) => toSession(row, context),
    );
  }

  @Mutation(() => EndedSessions, { description: 'Ends a session, at once and everywhere.' })
  @Allow('self:write')
  endSession(
    @Args('input', { type: () => EndSessionInput, description: 'Which.' }) { id }: EndSessionInput,
    @Context() context: AdminContext,
  ): Promise<EndedSessions> {
    readId('session', id, 'input.id');
    return this.mutations.run(context, async (session, trail) => {
      const found = await findSession(session, id);
      const owner = found && (await this.ownerOf(session, found.userId, context));
      if (found === undefined || owner === undefined || !(await endSession(session, id))) {
        throw notFound('session', id, 'input.id');
      }
      const { address, userAgent, createdAt } = found;
      trail.changed({
        action: 'session.end',
        kind: 'user',
        id: owner.id,
        accountId: owner.accountId,
        before: { session: id, address, userAgent, createdAt },
      });
      return { count: 1 };
    });
  }

  @Mutation(() => EndedSessions, { description: 'Ends all sessions of a person, at once and everywhere.' })
  @Allow('self:write')
  endAllSessions(
    @Args('input', { type: () => EndAllSessionsInput, description: 'Which.' }) input: EndAllSessionsInput,
    @Context() context: AdminContext,
  ): Promise<EndedSessions> {
    const actor = context.requireActor();
    const userId = readId('person', input.userId ?? actor.userId, 'input.userId');
    const kept = input.exceptCurrent && actor.kind === 'session' ? actor.id : undefined;
    return this.mutations.run(context, async (session, trail) => {
      const owner = await this.ownerOf(session, userId, context);
      if (owner === undefined) throw notFound('person', userId, 'input.userId');
      const count = await endSessionsOf(session, userId, kept);
      trail.changed({
        action: 'session.endAll',
        kind: 'user',
        id: userId,
        accountId: owner.accountId,
        after: { endedSessions: count },
      });
      return { count };
    });
  }

  /** The person whose sessions the actor wants to end; undefined when the actor may not know of any. */
  private async ownerOf(session: SqlSession, userId: string, context: AdminContext): Promise<Person | undefined> {
    const actor = context.requireActor();
    const isOwn = userId === actor.userId;
    if (!isOwn && !context.may('users:write')) return undefined;
    const owner = await findPerson(session, userId);
    if (owner !== undefined && !isOwn) requireTouch(actor, owner.role);
    return owner;
  }
}

function toSession(row: LiveSession, context: AdminContext): UserSession {
  const { actor } = context;
  return { ...row, isCurrent: actor?.kind === 'session' && actor.id === row.id };
}
