import type { ChatRequest } from '../../canonical/chat.js';
import type { ChatOperation } from '../../provider.js';

/**
 * A chat operation that goes one of two ways, decided by each request.
 * @param takesOther which requests go the other way; asked again for the answer, and must say the same.
 */
export function chooseChat(
  usual: ChatOperation,
  other: ChatOperation,
  takesOther: (upstreamModel: string, request: ChatRequest) => boolean,
): ChatOperation {
  return {
    ...usual,
    toBody: (request, target, options) =>
      takesOther(target.upstreamModel, request)
        ? { ...other.toBody(request, target, options), path: other.path }
        : usual.toBody(request, target, options),
    fromBody: (body, target, request) =>
      (takesOther(target.upstreamModel, request) ? other : usual).fromBody(body, target, request),
    openStream: (target, request) =>
      (takesOther(target.upstreamModel, request) ? other : usual).openStream(target, request),
  };
}
