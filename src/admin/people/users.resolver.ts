import { Inject } from '@nestjs/common';
import { Args, ID as Id, Query, Resolver } from '@nestjs/graphql';
import { invalidRequest } from '../../common/hub-error.js';
import { ADMIN_SQL, type Sql } from '../../database/sql.js';
import { findPerson, listPeople, type PeopleFilter } from '../../users/people.js';
import { Allow } from '../graphql/allow.decorator.js';
import { readPage, toPage } from '../graphql/connection.js';
import { notFound } from '../graphql/graphql.errors.js';
import { isId } from '../graphql/ids.js';
import { readId } from '../graphql/read-id.js';
import { toUser } from './to-user.js';
import { User, UserConnection, type UserFilter, UserPageArgs } from './user.type.js';

const SEARCH_CHARS_MAX = 254;
const ID_TEXT = /^\d{1,18}$/;

/** Reading the people who may sign in. */
@Resolver(() => User)
export class UsersResolver {
  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  @Query(() => UserConnection, { description: 'People who may sign in.' })
  @Allow('users:read')
  async users(@Args() args: UserPageArgs): Promise<UserConnection> {
    const isByEmail = args.orderBy === 'email';
    const page = readPage(args, isByEmail ? [/^[^\0]{1,320}$/u, ID_TEXT] : [ID_TEXT]);
    const filter = readFilter(args.filter ?? {});
    if (filter === undefined) return toPage(page, [], () => [], toUser);
    const rows = await listPeople(this.sql, filter, { order: args.orderBy, after: page.after, limit: page.limit });
    return toPage(page, rows, ({ emailKey, id }) => (isByEmail ? [emailKey, id] : [id]), toUser);
  }

  @Query(() => User, { description: 'One person.' })
  @Allow('users:read')
  async user(@Args('id', { type: () => Id, description: 'The id of the person.' }) id: string): Promise<User> {
    const person = await findPerson(this.sql, readId('person', id, 'id'));
    if (person === undefined) throw notFound('person', id);
    return toUser(person);
  }
}

/** @returns undefined when nobody can fit. */
function readFilter({ role, search, accountId, isDisabled }: UserFilter): PeopleFilter | undefined {
  const text = search?.trim() ?? '';
  if (text.length > SEARCH_CHARS_MAX || text.includes('\0') || !text.isWellFormed()) {
    throw invalidRequest(`A search has at most ${SEARCH_CHARS_MAX} characters.`, 'filter.search');
  }
  if (accountId != null && !isId(accountId)) return undefined;
  return { role, search: text === '' ? null : text, accountId, isDisabled };
}
