import { registerEnumType } from '@nestjs/graphql';
import type { AccountStatus } from '../../../quota/account-status.js';

/** {@link AccountStatus} in the schema. */
export const AccountStatusEnum = {
  ACTIVE: 'active',
  FROZEN: 'frozen',
  CLOSED: 'closed',
} as const satisfies Readonly<Record<string, AccountStatus>>;

registerEnumType(AccountStatusEnum, {
  name: 'AccountStatus',
  description: 'Whether an account can be used.',
  valuesMap: {
    ACTIVE: { description: 'It can be used.' },
    FROZEN: { description: 'Its keys are refused until somebody unfreezes it.' },
    CLOSED: { description: 'Its keys are refused for good. Its books and what is left of its quota stay as they are.' },
  },
});

/** In which order accounts are listed. */
export const AccountOrder = { NEWEST: 'newest', OLDEST: 'oldest', NAME: 'name' } as const;
/** One of {@link AccountOrder}. */
export type AccountOrder = (typeof AccountOrder)[keyof typeof AccountOrder];

registerEnumType(AccountOrder, {
  name: 'AccountOrder',
  description: 'In which order accounts are listed.',
  valuesMap: {
    NEWEST: { description: 'The newest first.' },
    OLDEST: { description: 'The oldest first.' },
    NAME: { description: 'By name.' },
  },
});
