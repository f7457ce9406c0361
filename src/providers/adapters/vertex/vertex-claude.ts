import { JsonSource } from '../../../common/json-source.js';
import type { ChatOperation, Target } from '../../provider.js';
import { toAnthropicBody } from '../anthropic/chat-request.js';
import { fromAnthropicBody } from '../anthropic/chat-response.js';
import { AnthropicChatStream } from '../anthropic/chat-stream.js';
import { rulesOf } from '../anthropic/model-rules.js';
import { chatPath } from './vertex-paths.js';

/** What a request says in place of the header `anthropic-version`. */
const VERSION = JSON.stringify('vertex-2023-10-16');

/**
 * Claude on Vertex AI is Anthropic's Messages API but for two members: the model stands in the path, the version of the API in the
 * body. https://docs.anthropic.com/en/api/claude-on-vertex-ai
 */
export const claudeChat: ChatOperation = {
  path: chatPath,
  toBody: (request, target, options) => {
    const translated = toAnthropicBody(request, asAtAnthropic(target), options);
    const body = JsonSource.parse(translated.body).splice({ model: undefined, anthropic_version: VERSION });
    return { ...translated, body };
  },
  fromBody: (body, target, request) => fromAnthropicBody(body, asAtAnthropic(target), request),
  openStream: (target, request) => new AnthropicChatStream(asAtAnthropic(target), request),
  canPrefill: (model) => rulesOf(asAtAnthropic({ upstreamModel: model, publicModel: model }).upstreamModel).canPrefill,
};

/** Anthropic writes `claude-sonnet-4-5-20250929`, Vertex AI `claude-sonnet-4-5@20250929`. */
function asAtAnthropic(target: Target): Target {
  return { ...target, upstreamModel: target.upstreamModel.replace('@', '-') };
}
