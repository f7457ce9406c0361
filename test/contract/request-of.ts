import { JsonSource } from '../../src/common/json-source.js';
import type { ChatRequest } from '../../src/providers/canonical/chat.js';
import { deepFreeze } from './deep-freeze.js';

/** A request as the relay hands it over, frozen, so that a translator that changes it fails loudly. */
export function requestOf(text: string): ChatRequest {
  const source = JsonSource.parse(Buffer.from(text));
  deepFreeze(source.value);
  const { n } = source.value;
  const cap = source.value['max_completion_tokens'] ?? source.value['max_tokens'];
  return {
    source,
    model: 'public-1',
    isStream: source.value['stream'] === true,
    includeUsage: false,
    choiceCount: typeof n === 'number' ? n : 1,
    ...(typeof cap === 'number' && { outputTokensCap: cap }),
  };
}
