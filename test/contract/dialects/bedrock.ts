import type { Dialect, WireCopy } from '../dialect.js';

const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };

/** AWS Bedrock's Converse and ConverseStream: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export const DIALECT: Dialect = {
  upstreamModel: 'us.anthropic.claude-sonnet-4-6',
  // The usage comes after the finish, or before it.
  hasDone: false,
  isPassedThrough: false,
  finishPattern: /"stopReason"\s*:\s*"[a-z_]+"/,
  withoutUsage(event) {
    delete event['usage'];
  },
  outputCapOf: ({ inferenceConfig }) => (inferenceConfig as WireCopy | undefined)?.['maxTokens'],
  answerOf: (stopReason) => ({
    output: { message: { role: 'assistant', content: [{ text: 'a' }] } },
    stopReason,
    usage,
  }),
  eventsOf: (stopReason) => [
    { name: 'messageStart', data: JSON.stringify({ role: 'assistant' }) },
    { name: 'messageStop', data: JSON.stringify({ stopReason }) },
  ],
  notAnswers: ['{"output":{}}', '{"output":{"message":{"content":"text"}}}', '{"choices":[]}', '{"content":[]}'],
  // Nothing is kept, and the usual tier is the usual one.
  metUnsent: ['store', 'service_tier'],
};
