import { Module } from '@nestjs/common';
import { LimitsModule } from '../limits/limits.module.js';
import { Identify } from './identify.js';
import { PasswordWork } from './password-work.js';
import { SecondFactor } from './second-factor.js';
import { SessionSweeper } from './session-sweeper.js';
import { SignIn } from './sign-in.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { TotpSecrets } from './totp-secrets.js';

/** The people who sign in. */
@Module({
  imports: [LimitsModule],
  providers: [Identify, PasswordWork, SecondFactor, SessionSweeper, SignIn, SignInThrottle, TotpSecrets],
  exports: [Identify, PasswordWork, SecondFactor, SignIn, SignInThrottle],
})
export class UsersModule {}
