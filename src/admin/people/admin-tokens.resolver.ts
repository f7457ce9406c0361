import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { ADMIN_SQL, type Sql } from '../../database/sql.js';
import { Keyring } from '../../secrets/keyring.js';
import {
  type AdminToken,
  createAdminToken,
  findAdminToken,
  listAdminTokens,
  revokeAdminToken,
} from '../../users/admin-tokens.js';
import { findPerson } from '../../users/people.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { readPage, toPage } from '../graphql/connection.js';
import { notFound } from '../graphql/graphql.errors.js';
import { Mutations } from '../graphql/mutations.js';
import { readId } from '../graphql/read-id.js';
import {
  AdminTokenConnection,
  AdminTokenNode,
  CreateAdminTokenInput,
  CreatedAdminToken,
  RevokeAdminTokenInput,
} from './admin-token.type.js';
import { requireTouch } from './may-touch.js';
import { ownOrOther } from './own-or-other.js';
import { requireSession } from './require-session.js';
import { OfUserArgs } from './session.type.js';

/** Personal admin tokens. */
@Resolver(() => AdminTokenNode)
export class AdminTokensResolver {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  @Query(() => AdminTokenConnection, { description: 'The admin tokens of a person.' })
  @Allow('self:read')
  async adminTokens(@Args() args: OfUserArgs, @Context() context: AdminContext): Promise<AdminTokenConnection> {
    const userId = ownOrOther(context, args.userId);
    const page = readPage(args, [/^\d{1,18}$/]);
    const rows = await listAdminTokens(this.sql, userId, { before: page.after?.[0] ?? null, limit: page.limit });
    return toPage(
      page,
      rows,
      ({ id }) => [id],
      (row) => row,
    );
  }

  @Mutation(() => CreatedAdminToken, { description: 'Makes an admin token of yours. It is shown this once.' })
  @Allow('self:write')
  createAdminToken(
    @Args('input', { type: () => CreateAdminTokenInput, description: 'What you want.' }) input: CreateAdminTokenInput,
    @Context() context: AdminContext,
  ): Promise<CreatedAdminToken> {
    const actor = requireSession(context, 'Making a token');
    return this.mutations.run(context, async (session, trail) => {
      const { token, stored } = await createAdminToken(session, this.keyring, actor, input);
      trail.changed({
        action: 'adminToken.create',
        kind: 'adminToken',
        id: stored.id,
        accountId: actor.accountId,
        after: toSnapshot(stored),
      });
      return { token, adminToken: stored };
    });
  }

  @Mutation(() => AdminTokenNode, {
    description: 'Revokes an admin token, at once. Those of others need the permission `users:write`.',
  })
  @Allow('self:write')
  revokeAdminToken(
    @Args('input', { type: () => RevokeAdminTokenInput, description: 'Which.' }) { id }: RevokeAdminTokenInput,
    @Context() context: AdminContext,
  ): Promise<AdminTokenNode> {
    const actor = context.requireActor();
    readId('token', id, 'input.id');
    return this.mutations.run(context, async (session, trail) => {
      const found = await findAdminToken(session, id);
      const isOwn = found?.userId === actor.userId;
      if (found === undefined || !(isOwn || context.may('users:write'))) throw notFound('token', id, 'input.id');
      const owner = await findPerson(session, found.userId);
      if (owner !== undefined && !isOwn) requireTouch(actor, owner.role);
      const revoked = await revokeAdminToken(session, id);
      trail.changed({
        action: 'adminToken.revoke',
        kind: 'adminToken',
        id,
        accountId: owner?.accountId,
        before: toSnapshot(found),
        after: toSnapshot(revoked),
      });
      return revoked;
    });
  }
}

function toSnapshot({ userId, name, last4, permissions, expiresAt, revokedAt }: AdminToken): object {
  return { userId, name, last4, permissions, expiresAt, revokedAt };
}
