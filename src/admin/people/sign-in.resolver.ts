import { Inject } from '@nestjs/common';
import { Args, Context, Info, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { Throttled } from '../../limits/throttled.decorator.js';
import { endSession } from '../../users/sessions.js';
import { SECOND_FACTOR_NEEDED, SignIn } from '../../users/sign-in.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { Authenticate } from '../graphql/authenticate.js';
import { Mutations } from '../graphql/mutations.js';
import { clearSessionCookie, setSessionCookie } from '../graphql/session-cookie.js';
import { requireSession } from './require-session.js';
import { SecondFactorNeeded, SignedIn, SignInInput, SignInResult } from './sign-in.type.js';
import { requireSingleField } from './single-field.js';
import { toMe } from './to-me.js';

/** Signing in and out. */
@Resolver()
export class SignInResolver {
  constructor(
    @Inject(SignIn) private readonly signIns: SignIn,
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(Authenticate) private readonly authenticate: Authenticate,
  ) {}

  @Mutation(() => SignInResult, {
    description:
      'Begins a session. Fails with `invalid_credentials` whatever is wrong, and with `too_many_attempts` after too many failures.',
  })
  @Allow('anybody')
  @Throttled('signIn')
  async signIn(
    @Args('input', { type: () => SignInInput, description: 'What was typed.' }) input: SignInInput,
    @Context() context: AdminContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<typeof SignInResult> {
    requireSingleField(info);
    const { req } = context;
    const { email, password, code, keep } = input;
    const outcome = await this.signIns.signIn(
      { email, password, code: code ?? undefined },
      { address: req.ip, userAgent: req.headers['user-agent'] ?? '', requestId: req.id },
    );
    if (outcome === SECOND_FACTOR_NEEDED) {
      const message = 'Sign in again with the code that your authenticator app shows, or with a recovery code.';
      return Object.assign(new SecondFactorNeeded(), { message });
    }
    const { session, actor } = outcome;
    context.becomes(actor);
    if (keep === 'COOKIE') setSessionCookie(context.res, session.token, this.authenticate.isSecure);
    const token = keep === 'TOKEN' ? session.token : null;
    return Object.assign(new SignedIn(), { token, expiresAt: session.expiresAt, me: toMe(context) });
  }

  @Mutation(() => Boolean, { description: 'Ends this session; a cookie is taken out of the browser.' })
  @Allow('self:read')
  async signOut(@Context() context: AdminContext): Promise<boolean> {
    const { id, userId, accountId } = requireSession(context, 'Signing out');
    await this.mutations.run(context, async (session, trail) => {
      await endSession(session, id);
      trail.changed({ action: 'signOut', kind: 'user', id: userId, accountId, after: { session: id } });
    });
    clearSessionCookie(context.res, this.authenticate.isSecure);
    context.becomes(undefined);
    return true;
  }
}
