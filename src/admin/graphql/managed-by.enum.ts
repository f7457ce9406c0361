import { registerEnumType } from '@nestjs/graphql';
import type { Declarer } from '../../channels/declaration.js';

/** {@link Declarer} in the schema. */
export const ManagedByEnum = {
  CONFIG: 'config',
  ENVIRONMENT: 'environment',
  SANDBOX: 'sandbox',
} as const satisfies Readonly<Record<string, Declarer>>;

registerEnumType(ManagedByEnum, {
  name: 'ManagedBy',
  description: 'Who declares a row. A declared row can only be changed where it is declared.',
  valuesMap: {
    CONFIG: { description: 'The file that HUB_CONFIG names.' },
    ENVIRONMENT: { description: 'A variable of the environment, such as OPENAI_API_KEY.' },
    SANDBOX: { description: 'The sandbox, for as long as it is switched on.' },
  },
});
