import { createRequire } from 'node:module';
import { BpeEncoding, type RankedToken } from './bpe-encoding.js';

/** The encodings the hub carries. */
export type EncodingName = 'o200k_base' | 'cl100k_base';

const CONTRACTION = "'(?:[sS]|[dD]|[mM]|[tT]|[lL][lL]|[vV][eE]|[rR][eE])";
const UPPER = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
const LEAD = '[^\\r\\n\\p{L}\\p{N}]?';

/** How each encoding splits text before merging: the patterns of OpenAI's tiktoken. */
const PIECES: Readonly<Record<EncodingName, RegExp>> = {
  o200k_base: new RegExp(
    `${LEAD}${UPPER}*${LOWER}+(?:${CONTRACTION})?|${LEAD}${UPPER}+${LOWER}*(?:${CONTRACTION})?|` +
      '\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
    'gu',
  ),
  cl100k_base: new RegExp(
    `${CONTRACTION}|${LEAD}\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s+$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s`,
    'gu',
  ),
};

// Loaded when first asked for, and synchronously: the ranks are megabytes of source text.
const require = createRequire(import.meta.url);
const loaded = new Map<EncodingName, BpeEncoding>();

/**
 * An encoding, ready to count. The first call for a name takes about 100 ms and 15 MB (o200k_base) or half of that
 * (cl100k_base); the hub makes it at start, see `PromptCounter.onModuleInit`.
 */
export function encodingNamed(name: EncodingName): BpeEncoding {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const { default: ranks } = require(`gpt-tokenizer/bpeRanks/${name}`) as { default: readonly RankedToken[] };
  const encoding = new BpeEncoding(ranks, PIECES[name]);
  loaded.set(name, encoding);
  return encoding;
}
