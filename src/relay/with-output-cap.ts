import { JsonSource } from '../common/json-source.js';
import type { ChatRequest } from '../providers/canonical/chat.js';

const CAPS = ['max_tokens', 'max_completion_tokens'];

/** The same request with another cap, where it has one. @param cap in tokens. */
export function withOutputCap(request: ChatRequest, cap: number): ChatRequest {
  const { source } = request;
  const edits: Record<string, string> = {};
  for (const name of CAPS) if (typeof source.value[name] === 'number') edits[name] = String(cap);
  return { ...request, source: JsonSource.parse(source.splice(edits)), outputTokensCap: cap };
}
