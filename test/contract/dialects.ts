import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Dialect, OPENAI_DIALECT } from './dialect.js';

// Not `import()`, for which everything above would wait; see src/providers/vendors.ts.
const require = createRequire(import.meta.url);

/** Formats other than OpenAI's, by the id of the provider that speaks them: each file of `dialects/` is named like its provider. */
const DIALECTS: ReadonlyMap<string, Dialect> = new Map(
  readdirSync(join(import.meta.dirname, 'dialects'))
    .filter((file) => file.endsWith('.ts'))
    .map((file): [string, Dialect] => {
      const { DIALECT } = require(`./dialects/${file.replace(/\.ts$/, '.js')}`);
      if (DIALECT === undefined) throw new Error(`test/contract/dialects/${file} exports no DIALECT.`);
      return [file.replace(/\.ts$/, ''), DIALECT];
    }),
);

/** The format that a provider's recordings are in. */
export function dialectOf(providerId: string): Dialect {
  return DIALECTS.get(providerId) ?? OPENAI_DIALECT;
}
