import { registerEnumType } from '@nestjs/graphql';
import type { ApiKeyScope } from '../../../keys/api-key-scope.js';
import type { BudgetPeriod } from '../../../quota/set-key-budget.js';

/** {@link ApiKeyScope} in the schema. */
export const ApiKeyScopeEnum = { RELAY: 'relay', VIDEO: 'video', USER: 'user' } as const satisfies Readonly<
  Record<string, ApiKeyScope>
>;

registerEnumType(ApiKeyScopeEnum, {
  name: 'ApiKeyScope',
  description: 'What an API key may be used for.',
  valuesMap: {
    RELAY: { description: 'Chat, images, embeddings and audio: everything under /api/relay.' },
    VIDEO: { description: 'Video jobs.' },
    USER: { description: 'Quota, usage, redemption codes and webhooks of the own account: /api/user.' },
  },
});

/** Whether a key is accepted. */
export const ApiKeyState = { ACTIVE: 'active', EXPIRED: 'expired', REVOKED: 'revoked' } as const;
/** One of {@link ApiKeyState}. */
export type ApiKeyState = (typeof ApiKeyState)[keyof typeof ApiKeyState];

registerEnumType(ApiKeyState, {
  name: 'ApiKeyState',
  description: 'Whether an API key is accepted; its account may be frozen or closed besides.',
  valuesMap: {
    ACTIVE: { description: 'It is accepted.' },
    EXPIRED: { description: 'Its time is over.' },
    REVOKED: { description: 'Somebody ended it for good.' },
  },
});

/** {@link BudgetPeriod} in the schema. */
export const BudgetPeriodEnum = { TOTAL: 'total', DAY: 'day', MONTH: 'month' } as const satisfies Readonly<
  Record<string, BudgetPeriod>
>;

registerEnumType(BudgetPeriodEnum, {
  name: 'BudgetPeriod',
  description: 'How long a budget counts before it begins anew.',
  valuesMap: {
    TOTAL: { description: 'It never begins anew.' },
    DAY: { description: 'A day of its time zone.' },
    MONTH: { description: 'A calendar month of its time zone.' },
  },
});
