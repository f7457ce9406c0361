import { createUnionType, Field, GraphQLISODateTime, InputType, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Allow } from '../graphql/allow.decorator.js';
import { Me } from './me.type.js';

/** How the one who signs in keeps the session. */
export const KeepEnum = { COOKIE: 'COOKIE', TOKEN: 'TOKEN' } as const;

registerEnumType(KeepEnum, {
  name: 'KeepSession',
  description: 'How a session is kept.',
  valuesMap: {
    COOKIE: { description: 'In a cookie that no script can read: for browsers.' },
    TOKEN: { description: 'As a token in the answer, to be sent as "Authorization: Bearer": for tools.' },
  },
});

/** What somebody types to sign in. */
@InputType({ description: 'What somebody types to sign in.' })
export class SignInInput {
  @Field(() => String, { description: 'The e-mail, in any case.' })
  email!: string;

  @Field(() => String, { description: 'The password.' })
  password!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The code of the second factor, or a recovery code; only for people who have set one up.',
  })
  code?: string | null;

  @Field(() => KeepEnum, { description: 'How the session is to be kept.' })
  keep!: keyof typeof KeepEnum;
}

/** The sign-in succeeded. */
@ObjectType({ description: 'You have signed in.' })
@Allow('anybody')
export class SignedIn {
  @Field(() => String, {
    nullable: true,
    description: 'The token of the session, shown this once; null when it is in the cookie.',
  })
  token!: string | null;

  @Field(() => GraphQLISODateTime, { description: 'When the session ends at the latest.' })
  expiresAt!: Date;

  @Field(() => Me, { description: 'Who you are.' })
  me!: Me;
}

/** The password is right; a code is needed besides. */
@ObjectType({ description: 'The password is right, and a code is needed besides: sign in again with it.' })
@Allow('anybody')
export class SecondFactorNeeded {
  @Field(() => String, { description: 'What to do, for people.' })
  message!: string;
}

/** The outcomes of signing in. */
export const SignInResult = createUnionType({
  name: 'SignInResult',
  description: 'What became of a sign-in. Wrong credentials are an error.',
  types: () => [SignedIn, SecondFactorNeeded] as const,
  resolveType: (value: object) => (value instanceof SignedIn ? SignedIn : SecondFactorNeeded),
});
