import { registerEnumType } from '@nestjs/graphql';
import type { CodeRefusal } from '../../../redemption/use-code.js';

/** Whether a code can be redeemed. */
export const RedemptionCodeState = {
  ACTIVE: 'active',
  USED_UP: 'used up',
  EXPIRED: 'expired',
  DISABLED: 'disabled',
} as const;
/** One of {@link RedemptionCodeState}. */
export type RedemptionCodeState = (typeof RedemptionCodeState)[keyof typeof RedemptionCodeState];

registerEnumType(RedemptionCodeState, {
  name: 'RedemptionCodeState',
  description: 'Whether a redemption code can be redeemed.',
  valuesMap: {
    ACTIVE: { description: 'It can be redeemed.' },
    USED_UP: { description: 'As many accounts as may have redeemed it.' },
    EXPIRED: { description: 'Its time is over.' },
    DISABLED: { description: 'Somebody ended it for good.' },
  },
});

/** {@link CodeRefusal} in the schema. */
export const CodeRefusedReason = {
  UNKNOWN: 'unknown',
  USED_UP: 'used_up',
  ALREADY_REDEEMED: 'already_redeemed',
  EXPIRED: 'expired',
  DISABLED: 'disabled',
} as const satisfies Readonly<Record<string, CodeRefusal>>;

registerEnumType(CodeRefusedReason, {
  name: 'CodeRefusedReason',
  description: 'Why a redemption code cannot be redeemed.',
  valuesMap: {
    UNKNOWN: { description: 'There is no such code; it may be misspelt.' },
    USED_UP: { description: 'As many accounts as may have redeemed it.' },
    ALREADY_REDEEMED: { description: 'This account has redeemed it before; its quota was added then.' },
    EXPIRED: { description: 'Its time is over.' },
    DISABLED: { description: 'Somebody ended it for good.' },
  },
});
