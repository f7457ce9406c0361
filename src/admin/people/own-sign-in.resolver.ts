import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, ResolveField, Resolver } from '@nestjs/graphql';
import { ADMIN_SQL, type Sql, type SqlSession } from '../../database/sql.js';
import type { Actor } from '../../users/actor.js';
import { countLiveTokens } from '../../users/admin-tokens.js';
import { checkNewPassword } from '../../users/check-password.js';
import { OwnPassword } from '../../users/own-password.js';
import { PasswordWork } from '../../users/password-work.js';
import { readSecondFactor } from '../../users/recovery-codes.js';
import { setPassword } from '../../users/reset-password.js';
import { removeSecondFactor, SecondFactor } from '../../users/second-factor.js';
import { toBase32, totpUri } from '../../users/totp.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { Mutations, type Trail } from '../graphql/mutations.js';
import { Me } from './me.type.js';
import {
  BeginSecondFactorInput,
  ChangePasswordInput,
  ConfirmSecondFactorInput,
  PasswordChanged,
  RecoveryCodes,
  RemoveSecondFactorInput,
  RenewRecoveryCodesInput,
  SecondFactorBegun,
  SecondFactorState,
} from './own-sign-in.type.js';
import { requireSession } from './require-session.js';

/** Authenticator apps show it above the codes. */
const ISSUER = 'UG AI Hub';

/** How somebody who has signed in signs in: the own password and second factor. */
@Resolver(() => Me)
export class OwnSignInResolver {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(OwnPassword) private readonly ownPassword: OwnPassword,
    @Inject(PasswordWork) private readonly passwords: PasswordWork,
    @Inject(SecondFactor) private readonly factors: SecondFactor,
  ) {}

  @ResolveField(() => SecondFactorState, { description: 'Your second factor.' })
  @Allow('self:read')
  secondFactor(@Context() context: AdminContext): Promise<SecondFactorState> {
    return readSecondFactor(this.sql, context.requireActor().userId);
  }

  @Mutation(() => PasswordChanged, {
    description: 'Changes your password and ends all your other sessions. Admin tokens go on.',
  })
  @Allow('self:write')
  async changePassword(
    @Args('input', { type: () => ChangePasswordInput, description: 'Both passwords.' }) input: ChangePasswordInput,
    @Context() context: AdminContext,
  ): Promise<PasswordChanged> {
    const actor = requireSession(context, 'Changing a password');
    checkNewPassword(input.newPassword, actor.email, 'input.newPassword');
    const proof = { password: input.currentPassword, param: 'input.currentPassword' };
    return this.ownPassword.prove(actor, context.req.ip, proof, async (oldHash) => {
      const hash = await this.passwords.hash(input.newPassword);
      return this.mutations.run(context, async (session, trail) => {
        const endedSessions = await setPassword(session, actor.userId, hash, { keep: actor.id, oldHash });
        if (endedSessions === undefined) return trail.refuse(undefined);
        const remainingTokens = await countLiveTokens(session, actor.userId);
        report(trail, actor, 'user.changePassword', { endedSessions });
        return { endedSessions, remainingTokens };
      });
    });
  }

  @Mutation(() => SecondFactorBegun, {
    description:
      'Makes the secret of a second factor. It counts from `confirmSecondFactor` on; beginning again makes another.',
  })
  @Allow('self:write')
  async beginSecondFactor(
    @Args('input', { type: () => BeginSecondFactorInput, description: 'What proves that it is you.' })
    { password }: BeginSecondFactorInput,
    @Context() context: AdminContext,
  ): Promise<SecondFactorBegun> {
    const actor = requireSession(context, 'Setting up a second factor');
    // Whoever found an open session could otherwise lock its owner out with an app of their own.
    const proof = { password, param: 'input.password' };
    const secret = await this.ownPassword.prove(actor, context.req.ip, proof, () =>
      this.run(context, 'user.beginSecondFactor', (session) => this.factors.begin(session, actor.userId)),
    );
    return { secret: toBase32(secret), uri: totpUri(secret, ISSUER, actor.email) };
  }

  @Mutation(() => RecoveryCodes, {
    description: 'Switches the second factor on, with a first code of the app, and gives ten recovery codes.',
  })
  @Allow('self:write')
  async confirmSecondFactor(
    @Args('input', { type: () => ConfirmSecondFactorInput, description: 'The code.' }) input: ConfirmSecondFactorInput,
    @Context() context: AdminContext,
  ): Promise<RecoveryCodes> {
    const actor = requireSession(context, 'Setting up a second factor');
    const codes = await this.run(context, 'user.confirmSecondFactor', (session) =>
      this.factors.confirm(session, actor.userId, input.code),
    );
    return { codes };
  }

  @Mutation(() => Boolean, { description: 'Switches your second factor off.' })
  @Allow('self:write')
  async removeSecondFactor(
    @Args('input', { type: () => RemoveSecondFactorInput, description: 'What proves that it is you.' })
    { password, code }: RemoveSecondFactorInput,
    @Context() context: AdminContext,
  ): Promise<boolean> {
    const actor = requireSession(context, 'Removing a second factor');
    const proof = { password, param: 'input' };
    return this.ownPassword.prove(actor, context.req.ip, proof, () =>
      this.mutations.run(context, async (session, trail) => {
        await session.query('select id from app_user where id = $1 for update', [actor.userId]);
        const used = await this.factors.use(session, actor.userId, code);
        // What was begun and never confirmed has no code that counts and needs none removed: beginning again replaces it.
        if (used === undefined || !(await removeSecondFactor(session, actor.userId))) return trail.refuse(undefined);
        report(trail, actor, 'user.removeSecondFactor', { with: used });
        return true;
      }),
    );
  }

  @Mutation(() => RecoveryCodes, { description: 'Gives ten new recovery codes; those from before work no more.' })
  @Allow('self:write')
  async renewRecoveryCodes(
    @Args('input', { type: () => RenewRecoveryCodesInput, description: 'What proves that it is you.' })
    { password }: RenewRecoveryCodesInput,
    @Context() context: AdminContext,
  ): Promise<RecoveryCodes> {
    const actor = requireSession(context, 'Getting recovery codes');
    const proof = { password, param: 'input.password' };
    const codes = await this.ownPassword.prove(actor, context.req.ip, proof, () =>
      this.run(context, 'user.renewRecoveryCodes', (session) => this.factors.renewCodes(session, actor.userId)),
    );
    return { codes };
  }

  private run<Result>(
    context: AdminContext,
    action: string,
    work: (session: SqlSession) => Promise<Result>,
  ): Promise<Result> {
    return this.mutations.run(context, async (session, trail) => {
      const result = await work(session);
      report(trail, context.requireActor(), action);
      return result;
    });
  }
}

function report(trail: Trail, { userId, accountId }: Actor, action: string, after?: object): void {
  trail.changed({ action, kind: 'user', id: userId, accountId, after });
}
