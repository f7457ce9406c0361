import { isObject, type WireObject } from '../openai-compatible/wire.js';

/** `logprobsResult` as OpenAI has it: what was chosen, and beside each the likeliest. @returns null when there is none. */
export function readLogprobs(result: unknown): WireObject | null {
  const chosen = isObject(result) ? result['chosenCandidates'] : undefined;
  if (!isObject(result) || !Array.isArray(chosen)) return null;
  const tops = Array.isArray(result['topCandidates']) ? result['topCandidates'] : [];
  const content = chosen.filter(isObject).map((candidate, i) => {
    const top: unknown = tops[i];
    const likeliest = isObject(top) && Array.isArray(top['candidates']) ? top['candidates'].filter(isObject) : [];
    return { ...toEntry(candidate), top_logprobs: likeliest.map(toEntry) };
  });
  return { content, refusal: null };
}

function toEntry({ token, logProbability }: WireObject): WireObject {
  const text = typeof token === 'string' ? token : '';
  return { token: text, logprob: logProbability, bytes: [...Buffer.from(text)] };
}
