import { registerEnumType } from '@nestjs/graphql';
import type { Declarer } from '../../channels/declaration.js';

/** {@link Declarer} in the schema. */
export const ManagedByEnum = {
  config: 'config',
  environment: 'environment',
  sandbox: 'sandbox',
} as const satisfies { readonly [Name in Declarer]: Name };

registerEnumType(ManagedByEnum, {
  name: 'ManagedBy',
  description: 'Who declares a row. A declared row can only be changed where it is declared.',
  valuesMap: {
    config: { description: 'The file that HUB_CONFIG names.' },
    environment: { description: 'A variable of the environment, such as OPENAI_API_KEY.' },
    sandbox: { description: 'The sandbox, for as long as it is switched on.' },
  },
});
