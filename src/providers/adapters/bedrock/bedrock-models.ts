import { type ModelRules, rulesOf } from '../anthropic/model-rules.js';

/** What a model of Bedrock takes of the Converse API. */
export interface BedrockModel {
  /** The rules of its maker, of a Claude; undefined for every other model. */
  readonly claude: ModelRules | undefined;
  /** `outputConfig.textFormat` and strict tools. */
  readonly hasFormat: boolean;
  /** Where cache points may stand. */
  readonly cache: 'nowhere' | 'texts' | 'everywhere';
  /** `reasoning_effort` among the model's own fields, as OpenAI's open models have it. */
  readonly hasEffort: boolean;
}

/**
 * Makers of the open models that can be held to a schema.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html, 2026-11
 */
const HELD_TO_SCHEMAS = /(?:^|\.)(?:qwen|openai|google|minimax|mistral|moonshot|moonshotai|nvidia|deepseek)\./;

/** @param model a model's id, that of an inference profile, or an ARN, which may name none: then little is assumed. */
export function bedrockModelOf(model: string): BedrockModel {
  if (model.includes('claude')) {
    const claude = rulesOf(model);
    return { claude, hasFormat: claude.hasFormat, cache: 'everywhere', hasEffort: false };
  }
  return {
    claude: undefined,
    hasFormat: HELD_TO_SCHEMAS.test(model),
    // https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html: Nova has none for tools.
    cache: /(?:^|\.)amazon\.nova/.test(model) ? 'texts' : 'nowhere',
    hasEffort: /(?:^|\.)openai\.gpt-oss/.test(model),
  };
}
