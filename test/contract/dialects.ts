import { type Dialect, OPENAI_DIALECT } from './dialect.js';
import { ANTHROPIC_DIALECT } from './dialects/anthropic.js';

import { GEMINI_DIALECT } from './dialects/gemini.js';
import { OPENAI_RESPONSES_DIALECT } from './dialects/openai-responses.js';

/** Formats other than OpenAI's, by the id of the provider that speaks them. */
const DIALECTS: Readonly<Record<string, Dialect>> = {
  anthropic: ANTHROPIC_DIALECT,
  gemini: GEMINI_DIALECT,
  'openai-responses': OPENAI_RESPONSES_DIALECT,
};

/** The format that a provider's recordings are in. */
export function dialectOf(providerId: string): Dialect {
  return DIALECTS[providerId] ?? OPENAI_DIALECT;
}
