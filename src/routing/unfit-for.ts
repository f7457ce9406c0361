import type { ModelCapabilities } from '../channels/model-routing.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { offersOperation } from './able-candidates.js';
import type { Candidate } from './candidate.js';
import type { RequestFacts } from './request-facts.js';

/**
 * Prompts are counted by one tokenizer for all models, or only guessed, so that a count which is a little over the window may well
 * fit. What does not is refused by the upstream itself.
 */
const PROMPT_TOLERANCE = 1.25;

// Made once: an error costs its stack trace, and these stand for no place in the code.
const NO_OPERATION = unsupported('model', 'This model does not offer what the request asks for.');
const NO_TOOLS = unsupported('tools', 'This model does not support tools.');
const NO_VISION = unsupported('messages', 'This model does not take pictures.');
const NO_AUDIO = unsupported('messages', 'This model does not take sound.');
const NO_FILES = unsupported('messages', 'This model does not take files.');
const NO_SCHEMA = unsupported('response_format', 'This model does not support "response_format" with a schema.');
const NO_REASONING = unsupported('reasoning_effort', 'This model does not support "reasoning_effort".');
const NO_CHOICES = unsupported('n', 'This model gives one choice at a time.');
const NO_SIZE = unsupported('size', 'This model does not make pictures of this size.');
const TOO_LONG = new ProviderError({
  kind: 'context_length',
  message: 'The messages are longer than the context window of this model.',
  param: 'messages',
});

/**
 * Why a candidate cannot serve a request, as far as it is known: what nobody says about a model is tried. `outputTokensMax` is not
 * looked at, since vendors cut or refuse too high a cap as they see fit.
 *
 * @returns `unsupported_option` naming the field, or `context_length`; undefined when it may serve. The same object for all requests.
 */
export function unfitFor(candidate: Candidate, facts: RequestFacts): ProviderError | undefined {
  return unfitBy(candidate, candidate.capabilities, facts);
}

/** Whether that is only general knowledge: neither the provider's adapter nor the operator says so. */
export function isUnfitByHearsay(candidate: Candidate, facts: RequestFacts): boolean {
  return unfitBy(candidate, candidate.statedCapabilities, facts) === undefined;
}

function unfitBy(
  candidate: Candidate,
  capabilities: ModelCapabilities,
  facts: RequestFacts,
): ProviderError | undefined {
  if (!offersOperation(candidate, facts.operation)) return NO_OPERATION;
  const { onlyFormat } = facts;
  if (onlyFormat !== undefined && candidate.provider.chat?.speaks?.(candidate.target.upstreamModel) !== onlyFormat.name)
    return onlyFormat.refusal;
  if (facts.needsTools && capabilities.tools === false) return NO_TOOLS;
  if (facts.needsVision && capabilities.vision === false) return NO_VISION;
  if (facts.needsAudioInput && capabilities.audioInput === false) return NO_AUDIO;
  if (facts.needsFileInput && capabilities.fileInput === false) return NO_FILES;
  if (facts.needsJsonSchema && capabilities.jsonSchema === false) return NO_SCHEMA;
  if (facts.needsReasoning && capabilities.reasoning === false) return NO_REASONING;
  if (facts.choiceCount > 1 && capabilities.choices === false) return NO_CHOICES;
  if (!offersSize(capabilities.imageSizes, facts.imageSize)) return NO_SIZE;
  const { contextTokens } = capabilities;
  const { promptTokens } = facts;
  const isTooLong =
    contextTokens !== undefined && promptTokens !== undefined && promptTokens > contextTokens * PROMPT_TOLERANCE;
  return isTooLong ? TOO_LONG : undefined;
}

function offersSize(sizes: readonly string[] | undefined, wanted: string | undefined): boolean {
  return sizes === undefined || wanted === undefined || wanted === 'auto' || sizes.includes(wanted);
}

function unsupported(param: string, message: string): ProviderError {
  return new ProviderError({ kind: 'unsupported_option', message, param });
}
