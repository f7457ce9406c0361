import { Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { Allow } from '../graphql/allow.decorator.js';

/** A new password and the one before. */
@InputType({ description: 'A new password, and the one you have.' })
export class ChangePasswordInput {
  @Field(() => String, { description: 'The password you have.' })
  currentPassword!: string;

  @Field(() => String, { description: 'The new one: eight characters or more, and not your e-mail.' })
  newPassword!: string;
}

/** The password is another one. */
@ObjectType({ description: 'Your password is changed.' })
@Allow('self:read')
export class PasswordChanged {
  @Field(() => Int, { description: 'How many other sessions of yours were ended.' })
  endedSessions!: number;

  @Field(() => Int, {
    description: 'How many of your admin tokens go on working; revoke those that somebody else may have.',
  })
  remainingTokens!: number;
}

/** What proves who begins a second factor. */
@InputType({ description: 'What proves that it is you who begins a second factor.' })
export class BeginSecondFactorInput {
  @Field(() => String, { description: 'Your password.' })
  password!: string;
}

/** A second factor that does not count yet. */
@ObjectType({ description: 'A second factor that was begun. It counts when it is confirmed with a first code.' })
@Allow('self:read')
export class SecondFactorBegun {
  @Field(() => String, { description: 'The secret in base32, to be typed into an authenticator app; shown once.' })
  secret!: string;

  @Field(() => String, { description: 'The same as an address for a QR code (otpauth://); shown once.' })
  uri!: string;
}

/** A code of the authenticator app. */
@InputType({ description: 'A code of the authenticator app.' })
export class ConfirmSecondFactorInput {
  @Field(() => String, { description: 'The six digits that the app shows now.' })
  code!: string;
}

/** Codes for when the authenticator app is lost. */
@ObjectType({ description: 'Recovery codes, for when the authenticator app is lost. Each works once.' })
@Allow('self:read')
export class RecoveryCodes {
  @Field(() => [String], { description: 'The ten codes, shown once. Those from before work no more.' })
  codes!: string[];
}

/** What proves who removes a second factor. */
@InputType({ description: 'What proves that it is you who removes the second factor.' })
export class RemoveSecondFactorInput {
  @Field(() => String, { description: 'Your password.' })
  password!: string;

  @Field(() => String, { description: 'A code of the app, or a recovery code.' })
  code!: string;
}

/** What proves who asks for recovery codes. */
@InputType({ description: 'What proves that it is you who asks.' })
export class RenewRecoveryCodesInput {
  @Field(() => String, { description: 'Your password.' })
  password!: string;
}

/** The own second factor. */
@ObjectType({ description: 'Your second factor.' })
@Allow('self:read')
export class SecondFactorState {
  @Field(() => Boolean, { description: 'A code is asked for when you sign in.' })
  isOn!: boolean;

  @Field(() => Int, { description: 'How many recovery codes you have left.' })
  recoveryCodesLeft!: number;
}
