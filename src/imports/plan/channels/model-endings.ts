import type { ImportProduct } from '../../product.js';

/** Providers whose models new-api lets think by an ending. */
const THINKING = ['anthropic', 'bedrock', 'vertex', 'gemini'];
const THOUGHT = /-(?:no)?thinking(?:-\d+)?$/;
/** Models of OpenAI that new-api tells by an ending how much to think. */
const EFFORT = /^(?:o\d|gpt-5).*-(?:none|minimal|low|medium|high|xhigh)$/;
const OPENAI = ['openai', 'openai-compatible', 'azure-openai'];

/**
 * Names that new-api takes apart before it asks the upstream, which then gets a shorter one and an option. The hub has no such endings: an
 * upstream is asked for the name as it is.
 * https://github.com/QuantumNous/new-api, setting/reasoning
 *
 * @returns those of the upstream's names that have such an ending.
 */
export function namesWithOptions(product: ImportProduct, provider: string, names: Iterable<string>): string[] {
  if (product !== 'new-api') return [];
  const ending = THINKING.includes(provider) ? THOUGHT : OPENAI.includes(provider) ? EFFORT : undefined;
  return ending === undefined ? [] : [...new Set(names)].filter((name) => ending.test(name));
}
