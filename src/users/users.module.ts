import { Module } from '@nestjs/common';
import { LimitsModule } from '../limits/limits.module.js';
import { Identify } from './identify.js';
import { OwnPassword } from './own-password.js';
import { PasswordWork } from './password-work.js';
import { SecondFactor } from './second-factor.js';
import { SessionSweeper } from './session-sweeper.js';
import { SignIn } from './sign-in.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { TotpSecrets } from './totp-secrets.js';

/** The people who sign in. */
@Module({
  imports: [LimitsModule],
  providers: [Identify, OwnPassword, PasswordWork, SecondFactor, SessionSweeper, SignIn, SignInThrottle, TotpSecrets],
  exports: [Identify, OwnPassword, PasswordWork, SecondFactor, SignIn],
})
export class UsersModule {}
