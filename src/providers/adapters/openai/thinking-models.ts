const SAMPLING = ['temperature', 'top_p', 'logprobs', 'top_logprobs'];
const REASONING_REFUSES = [...SAMPLING, 'presence_penalty', 'frequency_penalty', 'logit_bias'];
const REASONING_WITHOUT_EFFORT_REFUSES = REASONING_REFUSES.filter((name) => !SAMPLING.includes(name));
const REFUSES_STOP = [...REASONING_REFUSES, 'stop'];
const SEARCH_REFUSES = ['temperature'];
const EFFORT = ['reasoning_effort'];
const NOTHING: readonly string[] = [];

/** o1, o3, … and gpt-5 and later, but not their chat variants. */
export function isReasoning(model: string): boolean {
  if (/^o\d/.test(model)) return true;
  const generation = /^gpt-(\d+)/.exec(model)?.[1];
  return generation !== undefined && Number(generation) >= 5 && !model.includes('-chat');
}

/** From gpt-5.1 on, sampling options are taken when reasoning is switched off. */
function takesSamplingWithoutEffort(model: string): boolean {
  return /^gpt-(?:5\.[1-9]|[6-9]|\d{2})/.test(model);
}

/**
 * Options of chat/completions that one of OpenAI's models refuses.
 * @param effort the caller's `reasoning_effort`.
 */
export function fieldsRefusedBy(model: string, effort: unknown): readonly string[] {
  if (model.startsWith('gpt-4o-search-preview')) return SEARCH_REFUSES;
  // Not to think is what it does anyway, but it does not know the word.
  if (!isReasoning(model)) return effort === 'none' ? EFFORT : NOTHING;
  if (effort === 'none' && takesSamplingWithoutEffort(model)) return REASONING_WITHOUT_EFFORT_REFUSES;
  return /^o(?:3|4-mini)/.test(model) ? REFUSES_STOP : REASONING_REFUSES;
}
