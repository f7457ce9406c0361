import type { SseEvent } from '../../../src/providers/canonical/chat.js';
import type { Dialect, WireCopy } from '../dialect.js';

const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
const said = { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'a' }] };

/** A response that ends with a status, or incomplete for a reason. */
function responseOf(reason: string): WireCopy {
  const isStatus = ['completed', 'failed', 'cancelled', 'queued'].includes(reason);
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_767_000_000,
    status: isStatus ? reason : 'incomplete',
    incomplete_details: isStatus ? null : { reason },
    error: reason === 'failed' ? { code: 'server_error', message: 'No.' } : null,
    model: 'gpt-6-sol',
    output: [said],
    usage,
  };
}

const event = (value: WireCopy): SseEvent => ({ name: String(value['type']), data: JSON.stringify(value) });

/** OpenAI Responses: https://platform.openai.com/docs/api-reference/responses and .../responses-streaming. */
export const DIALECT: Dialect = {
  upstreamModel: 'vendor/model-1',
  hasDone: true,
  isPassedThrough: false,
  finishPattern: /"type":"response\.(?:completed|incomplete)"/,
  withoutUsage(event) {
    delete (event as { response?: WireCopy }).response?.['usage'];
  },
  outputCapOf: ({ max_output_tokens }) => max_output_tokens,
  answerOf: responseOf,
  eventsOf: (reason) => {
    const response = responseOf(reason);
    const status = String(response['status']);
    const type = status === 'queued' || status === 'cancelled' ? 'failed' : status;
    return [
      event({
        type: 'response.created',
        sequence_number: 0,
        response: { ...response, status: 'in_progress', output: [] },
      }),
      event({ type: `response.${type}`, sequence_number: 1, response }),
    ];
  },
  notAnswers: ['{"object":"response","status":"completed"}', '{"output":"text"}', '{"choices":[]}'],
  metUnsent: ['store'],
};
