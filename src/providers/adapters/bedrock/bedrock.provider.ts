import { defineProvider } from '../../define-provider.js';
import { rulesOf } from '../anthropic/model-rules.js';
import { checkAwsCredential, checkBedrockUrl, secretsOfKey, signForBedrock } from './aws-signature.js';
import { toBedrockError } from './bedrock-errors.js';
import { fromConverseBody } from './converse-answer.js';
import { conversePath, toConverseBody } from './converse-request.js';
import { ConverseStream } from './converse-stream.js';

/**
 * AWS Bedrock by its Converse API: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 * The region is that of the base URL. The credential is an access key, `ACCESS_KEY_ID:SECRET_ACCESS_KEY[:SESSION_TOKEN]`, or a Bedrock API
 * key. Models have the ids of the service, of inference profiles such as `us.anthropic.claude-...`, or ARNs.
 */
export const bedrock = defineProvider({
  id: 'bedrock',
  name: 'AWS Bedrock',
  baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
  // What carries the credential is made anew for each request.
  auth: () => ({}),
  sign: signForBedrock,
  secretsOf: secretsOfKey,
  checkBaseUrl: checkBedrockUrl,
  checkCredential: checkAwsCredential,
  // Not AWS_ACCESS_KEY_ID, which may be there for something else.
  environment: { apiKey: ['AWS_BEARER_TOKEN_BEDROCK'], baseUrl: ['BEDROCK_BASE_URL'] },
  defaultModels: [
    'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'us.anthropic.claude-haiku-4-5-20251001-v1:0',
    'us.amazon.nova-pro-v1:0',
    'us.amazon.nova-lite-v1:0',
  ],
  chat: {
    path: conversePath,
    toBody: toConverseBody,
    fromBody: fromConverseBody,
    openStream: (target, request) => new ConverseStream(target, request),
    framing: 'aws',
    needsInlineMedia: true,
    tellsWhenBegun: true,
    canPrefill: (model) => model.includes('claude') && rulesOf(model).canPrefill,
  },
  toError: toBedrockError,
});
