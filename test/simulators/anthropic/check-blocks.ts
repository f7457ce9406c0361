import { invalid } from './anthropic-error.js';
import type { SimulatedModel } from './anthropic-models.js';
import { asChoice, asList, asObject, asText, checkKeys, type Wire } from './check-fields.js';
import { findFlaw } from './signature.js';

const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;
const USER_BLOCKS = ['text', 'image', 'document', 'tool_result'] as const;
const ASSISTANT_BLOCKS = ['text', 'tool_use', 'thinking', 'redacted_thinking'] as const;

/** What the checks of a turn go by. */
export interface TurnRules {
  readonly model: SimulatedModel;
  /** Of what stands ahead of the turn. */
  readonly prefix: string;
  /** Thoughts of another conversation are dropped instead of refused. */
  readonly dropsUnbound: boolean;
}

/** Checks the blocks of one turn; a plain text is a turn of one block. */
export function checkTurn(turn: Wire, path: string, rules: TurnRules, isFinal: boolean): void {
  checkKeys(turn, path, ['role', 'content']);
  const role = asChoice(turn['role'], `${path}.role`, ['user', 'assistant']);
  const { content } = turn;
  const isOptional = role === 'assistant' && isFinal;
  if (typeof content === 'string') {
    if (content === '' && !isOptional) throw invalid(`${path}: all messages must have non-empty content`);
    return;
  }
  const blocks = asList(content, `${path}.content`);
  if (blocks.length === 0 && !isOptional) throw invalid(`${path}: all messages must have non-empty content`);
  for (const [i, block] of blocks.entries()) checkBlock(asObject(block, path), `${path}.content.${i}`, role, rules);
  const last = blocks.at(-1) as Wire | undefined;
  if (role === 'assistant' && /thinking$/.test(String(last?.['type'])))
    throw invalid(`${path}: The final block in an assistant message cannot be \`thinking\`.`);
}

function checkBlock(block: Wire, path: string, role: 'user' | 'assistant', rules: TurnRules): void {
  switch (asChoice(block['type'], `${path}.type`, role === 'user' ? USER_BLOCKS : ASSISTANT_BLOCKS)) {
    case 'text':
      checkText(block, path);
      return;
    case 'image':
      checkKeys(block, path, ['type', 'source', 'cache_control']);
      checkSource(asObject(block['source'], `${path}.source`), `${path}.source`, IMAGE_TYPES);
      return;
    case 'document':
      checkKeys(block, path, ['type', 'source', 'title', 'context', 'citations', 'cache_control']);
      checkDocument(asObject(block['source'], `${path}.source`), `${path}.source`);
      return;
    case 'tool_result':
      checkToolResult(block, path, rules);
      return;
    case 'tool_use':
      checkKeys(block, path, ['type', 'id', 'name', 'input', 'cache_control']);
      checkPattern(block['id'], `${path}.id`, /^[a-zA-Z0-9_-]+$/);
      checkPattern(block['name'], `${path}.name`, /^[a-zA-Z0-9_-]{1,128}$/);
      asObject(block['input'], `${path}.input`);
      return;
    case 'thinking':
      checkKeys(block, path, ['type', 'thinking', 'signature']);
      asText(block['thinking'], `${path}.thinking`);
      checkSignature(asText(block['signature'], `${path}.signature`), path, 'thinking', rules);
      return;
    case 'redacted_thinking':
      checkKeys(block, path, ['type', 'data']);
      checkSignature(asText(block['data'], `${path}.data`), path, 'redacted_thinking', rules);
      return;
  }
}

/** Checks a text block, in messages and in `system`. */
export function checkText(block: Wire, path: string): void {
  checkKeys(block, path, ['type', 'text', 'cache_control', 'citations']);
  if (asText(block['text'], `${path}.text`) === '') throw invalid('messages: text content blocks must be non-empty');
  if (String(block['text']).trim() === '')
    throw invalid('messages: text content blocks must contain non-whitespace text');
}

function checkSource(source: Wire, path: string, mediaTypes: readonly string[]): void {
  if (asChoice(source['type'], `${path}.type`, ['base64', 'url', 'file']) === 'url') {
    checkKeys(source, path, ['type', 'url']);
    if (!asText(source['url'], `${path}.url`).startsWith('https://'))
      throw invalid(`${path}.url: Only HTTPS URLs are supported.`);
    return;
  }
  checkKeys(source, path, ['type', 'media_type', 'data']);
  asChoice(source['media_type'], `${path}.media_type`, mediaTypes);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(asText(source['data'], `${path}.data`)))
    throw invalid(`${path}.data: Invalid base64 data`);
}

function checkDocument(source: Wire, path: string): void {
  if (source['type'] !== 'text') {
    checkSource(source, path, ['application/pdf']);
    return;
  }
  checkKeys(source, path, ['type', 'media_type', 'data']);
  asChoice(source['media_type'], `${path}.media_type`, ['text/plain']);
  asText(source['data'], `${path}.data`);
}

function checkToolResult(block: Wire, path: string, rules: TurnRules): void {
  checkKeys(block, path, ['type', 'tool_use_id', 'content', 'is_error', 'cache_control']);
  asText(block['tool_use_id'], `${path}.tool_use_id`);
  const { content } = block;
  if (content === undefined || typeof content === 'string') return;
  for (const [i, part] of asList(content, `${path}.content`).entries()) {
    const inner = asObject(part, `${path}.content.${i}`);
    asChoice(inner['type'], `${path}.content.${i}.type`, ['text', 'image']);
    checkBlock(inner, `${path}.content.${i}`, 'user', rules);
  }
}

function checkSignature(signature: string, path: string, name: string, rules: TurnRules): void {
  const flaw = findFlaw(signature, rules.model, rules.prefix);
  if (flaw === undefined || (flaw === 'prefix' && rules.dropsUnbound)) return;
  const reason =
    flaw === 'prefix'
      ? ' The block is bound to a different conversation. Remove the block, or set ' +
        '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block".'
      : '';
  throw invalid(`${path}: Invalid \`signature\` in \`${name}\` block.${reason}`);
}

/** Refuses a text that a pattern does not match. */
export function checkPattern(value: unknown, path: string, pattern: RegExp): void {
  if (!pattern.test(asText(value, path))) throw invalid(`${path}: String should match pattern '${pattern.source}'`);
}
