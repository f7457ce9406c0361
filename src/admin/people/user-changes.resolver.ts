import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { SqlSession } from '../../database/sql.js';
import {
  addPerson,
  changePerson,
  disablePerson,
  enablePerson,
  isOtherOwnerLeft,
  readName,
} from '../../users/change-people.js';
import { readEmail } from '../../users/email.js';
import { generatePassword } from '../../users/password.js';
import { PasswordWork } from '../../users/password-work.js';
import { lockPerson, type Person } from '../../users/people.js';
import { setPassword } from '../../users/reset-password.js';
import { removeSecondFactor } from '../../users/second-factor.js';
import { endSessionsOf } from '../../users/sessions.js';
import { secondFactorMissing } from '../../users/users.errors.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { notFound } from '../graphql/graphql.errors.js';
import { Mutations, type Trail } from '../graphql/mutations.js';
import { readId } from '../graphql/read-id.js';
import { versionConflict } from '../graphql/version-conflict.js';
import { requireTouch } from './may-touch.js';
import { requireSession } from './require-session.js';
import { toUser } from './to-user.js';
import {
  CreateUserInput,
  DisableUserResult,
  LastOwner,
  UpdateUserInput,
  UpdateUserResult,
  User,
  UserIdInput,
  UserWithPassword,
} from './user.type.js';

/** Making and changing the people who may sign in. */
@Resolver(() => User)
export class UserChangesResolver {
  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(PasswordWork) private readonly passwords: PasswordWork,
  ) {}

  @Mutation(() => UserWithPassword, { description: 'Makes a person with a generated password, which is shown once.' })
  @Allow('users:write')
  async createUser(
    @Args('input', { type: () => CreateUserInput, description: 'Who.' }) input: CreateUserInput,
    @Context() context: AdminContext,
  ): Promise<UserWithPassword> {
    requireTouch(context.requireActor(), input.role);
    const email = readEmail(input.email, 'input.email');
    const name = readName(input.name);
    const accountId = input.accountId == null ? null : readId('account', input.accountId, 'input.accountId');
    const password = generatePassword();
    const passwordHash = await this.passwords.hash(password);
    return this.mutations.run(context, async (session, trail) => {
      const person = await addPerson(session, { email, name, role: input.role, accountId, passwordHash });
      report(trail, 'user.create', undefined, person);
      return { user: toUser(person), password, endedSessions: 0 };
    });
  }

  @Mutation(() => UpdateUserResult, { description: 'Changes the name, role or account of a person.' })
  @Allow('users:write')
  updateUser(
    @Args('input', { type: () => UpdateUserInput, description: 'What is to be changed.' }) input: UpdateUserInput,
    @Context() context: AdminContext,
  ): Promise<typeof UpdateUserResult> {
    const changes = {
      name: input.name == null ? undefined : readName(input.name),
      role: input.role ?? undefined,
      accountId: input.accountId == null ? input.accountId : readId('account', input.accountId, 'input.accountId'),
    };
    return this.change(context, input.id, async (session, trail, before, isLastOwner) => {
      if (changes.role !== undefined) requireTouch(context.requireActor(), changes.role);
      if (before.version !== input.version) {
        return trail.refuse(versionConflict(`person ${before.id}`, before.version));
      }
      if (isLastOwner && changes.role !== undefined && changes.role !== 'owner') return trail.refuse(lastOwner());
      const after = await changePerson(session, before, changes);
      report(trail, 'user.update', before, after);
      return toUser(after);
    });
  }

  @Mutation(() => DisableUserResult, {
    description:
      'Stops a person from signing in and ends their sessions at once. Their admin tokens rest until they are enabled.',
  })
  @Allow('users:write')
  disableUser(
    @Args('input', { type: () => UserIdInput, description: 'Who.' }) { id }: UserIdInput,
    @Context() context: AdminContext,
  ): Promise<typeof DisableUserResult> {
    return this.change(context, id, async (session, trail, before, isLastOwner) => {
      if (isLastOwner) return trail.refuse(lastOwner());
      if (before.disabledAt !== null) return trail.refuse(toUser(before));
      const after = await disablePerson(session, id);
      report(trail, 'user.disable', before, after);
      return toUser(after);
    });
  }

  @Mutation(() => User, { description: 'Lets a person sign in again.' })
  @Allow('users:write')
  enableUser(
    @Args('input', { type: () => UserIdInput, description: 'Who.' }) { id }: UserIdInput,
    @Context() context: AdminContext,
  ): Promise<User> {
    return this.change(context, id, async (session, trail, before) => {
      if (before.disabledAt === null) return trail.refuse(toUser(before));
      const after = await enablePerson(session, id);
      report(trail, 'user.enable', before, after);
      return toUser(after);
    });
  }

  @Mutation(() => UserWithPassword, {
    description: 'Gives a person a new, generated password, which is shown once, and ends their sessions.',
  })
  @Allow('users:write')
  async resetUserPassword(
    @Args('input', { type: () => UserIdInput, description: 'Who.' }) { id }: UserIdInput,
    @Context() context: AdminContext,
  ): Promise<UserWithPassword> {
    requireSession(context, 'Resetting a password');
    const password = generatePassword();
    const hash = await this.passwords.hash(password);
    return this.change(context, id, async (session, trail, before) => {
      const endedSessions = (await setPassword(session, id, hash)) ?? 0;
      report(trail, 'user.resetPassword', undefined, before, { endedSessions });
      return { user: toUser(before), password, endedSessions };
    });
  }

  @Mutation(() => User, {
    description: 'Takes the second factor from a person who has lost it, and ends their sessions.',
  })
  @Allow('users:write')
  async removeUserSecondFactor(
    @Args('input', { type: () => UserIdInput, description: 'Who.' }) { id }: UserIdInput,
    @Context() context: AdminContext,
  ): Promise<User> {
    requireSession(context, 'Removing a second factor');
    return this.change(context, id, async (session, trail, before) => {
      if (!(await removeSecondFactor(session, id))) throw secondFactorMissing();
      const endedSessions = await endSessionsOf(session, id);
      const after = (await lockPerson(session, id)) ?? before;
      report(trail, 'user.removeSecondFactor', before, after, { endedSessions });
      return toUser(after);
    });
  }

  /**
   * Changes a person whom the actor may change, locked.
   *
   * @param work is also told whether the person is the last owner who can sign in.
   * @throws HubError 404 for who is not there, 403 for owners and admins unless an owner asks.
   */
  private change<Result>(
    context: AdminContext,
    id: string,
    work: (session: SqlSession, trail: Trail, person: Person, isLastOwner: boolean) => Promise<Result>,
  ): Promise<Result> {
    readId('person', id, 'input.id');
    return this.mutations.run(context, async (session, trail) => {
      // The owners first: see isOtherOwnerLeft.
      const isOtherLeft = await isOtherOwnerLeft(session, id);
      const person = await lockPerson(session, id);
      if (person === undefined) throw notFound('person', id, 'input.id');
      requireTouch(context.requireActor(), person.role);
      const isLastOwner = person.role === 'owner' && person.disabledAt === null && !isOtherLeft;
      return work(session, trail, person, isLastOwner);
    });
  }
}

function lastOwner(): LastOwner {
  const message =
    'This is the last owner who can sign in, and nobody could undo it. Make somebody else an owner first, or enable one.';
  return Object.assign(new LastOwner(), { message });
}

function report(trail: Trail, action: string, before: Person | undefined, after: Person, more: object = {}): void {
  const toSnapshot = ({ email, name, role, accountId, disabledAt, hasSecondFactor, version }: Person): object => {
    return { email, name, role, accountId, disabledAt, hasSecondFactor, version };
  };
  trail.changed({
    action,
    kind: 'user',
    id: after.id,
    accountId: after.accountId,
    before: before && toSnapshot(before),
    after: { ...toSnapshot(after), ...more },
  });
}
