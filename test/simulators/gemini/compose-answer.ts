import { exampleFromSchema } from '../../../src/sandbox/example-from-schema.js';
import { drawPng } from '../../../src/sandbox/png.js';
import type { AnswerScript } from '../../../src/sandbox/sandbox-request.js';
import { countTokens, splitTokens } from '../../../src/sandbox/tokens.js';
import { isJson, type Json, listAt, objectAt, textAt } from './json-fields.js';
import { rulesOf } from './models.js';
import { signatureOf } from './signatures.js';

/** What the model says in place of what the simulator would invent. */
export interface GeminiAnswer {
  /** The parts of the first candidate, word for word. */
  readonly parts?: readonly Json[];
  readonly finishReason?: string;
  /** The prompt is blocked: no candidates. */
  readonly blockReason?: string;
  /** Another model than asked has answered. */
  readonly modelVersion?: string;
  /** A thought summary of so many words; default 3 for a thinking model, none for others. */
  readonly thoughtWords?: number;
  /** After so many pieces of a stream an error object without `data:`, then the end. */
  readonly bareErrorAfter?: number;
  /** A stream as one JSON array, as without `alt=sse`. */
  readonly isArray?: boolean;
}

/** One answer, before it is cut into the events of a stream. */
export interface ComposedAnswer {
  readonly candidates: readonly { readonly parts: readonly Json[]; readonly finishReason: string }[];
  readonly blockReason: string | undefined;
  readonly promptTokens: number;
  readonly candidatesTokens: number;
  readonly thoughtsTokens: number;
  readonly usage: AnswerScript['usage'];
  readonly modelVersion: string;
  readonly responseId: string;
}

const THOUGHT_WORDS = 3;
const PICTURE_TOKENS = 1_290;

/** Invents the answer to a checked request. @param number counts the answers of this simulator. */
export function composeAnswer(
  body: Json,
  model: string,
  number: number,
  script: AnswerScript,
  own: GeminiAnswer,
): ComposedAnswer {
  const rules = rulesOf(model);
  const thoughts = thoughtOf(body, own, rules.thinks && script.outputTokens === undefined);
  const spoken = own.parts ?? speak(body, model, script);
  const config = objectAt(body, 'generationConfig');
  const thoughtsTokens = countTokens(thoughts);
  const { parts, isCut } = withinCap(spoken, capOf(config, thoughtsTokens));
  const signed = rules.checksSignatures && own.parts === undefined ? sign(parts, signatureOf(model, number)) : parts;
  const isShown = objectAt(config, 'thinkingConfig')['includeThoughts'] === true && thoughts !== '';
  const count = Number(config['candidateCount'] ?? 1);
  const finishReason = own.finishReason ?? (isCut ? 'MAX_TOKENS' : 'STOP');
  const candidate = { parts: isShown ? [{ text: thoughts, thought: true }, ...signed] : signed, finishReason };
  return {
    candidates: Array.from({ length: count }, () => candidate),
    blockReason: own.blockReason,
    promptTokens: script.inputTokens ?? countTokens(textsOf(body).join('\n')),
    candidatesTokens: script.outputTokens ?? count * tokensOf(parts),
    thoughtsTokens,
    usage: script.usage,
    modelVersion: own.modelVersion ?? model,
    responseId: `resp-${number}`,
  };
}

/** The cap covers thinking as well: little of it leaves nothing for the text. */
function capOf(config: Json, thoughtsTokens: number): number {
  const { maxOutputTokens } = config;
  return maxOutputTokens === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(0, Number(maxOutputTokens) - thoughtsTokens);
}

function thoughtOf(body: Json, own: GeminiAnswer, isThinking: boolean): string {
  const { thinkingBudget } = objectAt(objectAt(body, 'generationConfig'), 'thinkingConfig');
  if (!isThinking || thinkingBudget === 0) return '';
  return Array.from({ length: own.thoughtWords ?? THOUGHT_WORDS }, (_, i) => (i === 0 ? 'Hm' : ' hm')).join('');
}

function speak(body: Json, model: string, script: AnswerScript): readonly Json[] {
  if (rulesOf(model).imageSizes !== undefined) return pictures(body, script.imageCount ?? 1);
  const call = script.text === undefined && script.tokenCount === undefined ? callOf(body) : undefined;
  if (call !== undefined) return [{ functionCall: call }];
  return [{ text: continued(body, textOf(body, script)) }];
}

function textOf(body: Json, script: AnswerScript): string {
  if (script.text !== undefined) return script.text;
  if (script.tokenCount !== undefined) {
    return Array.from({ length: script.tokenCount }, (_, i) => (i === 0 ? 'one' : ' more')).join('');
  }
  const config = objectAt(body, 'generationConfig');
  const schema = config['responseJsonSchema'] ?? config['responseSchema'];
  const hint = lastUserText(body);
  if (isJson(schema)) return JSON.stringify(exampleFromSchema(schema, hint));
  return config['responseMimeType'] === 'application/json' ? '{"answer":"yes"}' : `Gemini heard: ${hint}`;
}

/** A model turn at the end is the beginning of the answer, and only what comes after it is said. */
function continued(body: Json, text: string): string {
  const last = listAt(body, 'contents').at(-1);
  if (last?.['role'] !== 'model') return text;
  const beginning = listAt(last, 'parts')
    .map((part) => textAt(part, 'text'))
    .join('');
  return text.startsWith(beginning) ? text.slice(beginning.length) : text;
}

/** The first function, unless its result has just come. */
function callOf(body: Json): Json | undefined {
  const config = objectAt(objectAt(body, 'toolConfig'), 'functionCallingConfig');
  const mode = config['mode'] ?? 'AUTO';
  const last = listAt(body, 'contents').at(-1);
  const hasResult = listAt(last, 'parts').some((part) => isJson(part['functionResponse']));
  if (mode === 'NONE' || (hasResult && mode !== 'ANY')) return undefined;
  const declared = listAt(body, 'tools').flatMap((tool) => listAt(tool, 'functionDeclarations'));
  const allowed = config['allowedFunctionNames'];
  const chosen = declared.find(({ name }) => !Array.isArray(allowed) || allowed.includes(name));
  if (chosen === undefined) return undefined;
  const schema = chosen['parametersJsonSchema'] ?? chosen['parameters'];
  // Without arguments the field is left out.
  if (!isJson(schema)) return { name: chosen['name'] };
  return { name: chosen['name'], args: exampleFromSchema(schema, lastUserText(body)) };
}

/** A draft that is only a thought, a few words, and the picture. */
function pictures(body: Json, count: number): readonly Json[] {
  const draft = { inlineData: { mimeType: 'image/png', data: drawPng(8, 8, 1).toString('base64') }, thought: true };
  const found = Array.from({ length: count }, (_, i) => ({
    inlineData: { mimeType: 'image/png', data: drawPng(16, 16, i + 2).toString('base64') },
  }));
  return [draft, { text: `Here is ${lastUserText(body)}.` }, ...found];
}

function withinCap(parts: readonly Json[], tokensMax: number): { parts: readonly Json[]; isCut: boolean } {
  let left = tokensMax;
  const kept: Json[] = [];
  for (const part of parts) {
    const tokens = splitTokens(textAt(part, 'text'));
    if (tokens.length > left) {
      const text = tokens.slice(0, left).join('');
      return { parts: text === '' ? kept : [...kept, { ...part, text }], isCut: true };
    }
    left -= tokens.length;
    kept.push(part);
  }
  return { parts: kept, isCut: false };
}

/** The first function call carries the signature, or else the last part. */
function sign(parts: readonly Json[], signature: string): readonly Json[] {
  const call = parts.findIndex((part) => isJson(part['functionCall']));
  const at = call === -1 ? parts.length - 1 : call;
  return parts.map((part, i) => (i === at ? { ...part, thoughtSignature: signature } : part));
}

function tokensOf(parts: readonly Json[]): number {
  let tokens = 0;
  for (const part of parts) {
    if (isJson(part['inlineData']) && part['thought'] !== true) tokens += PICTURE_TOKENS;
    else
      tokens += countTokens(isJson(part['functionCall']) ? JSON.stringify(part['functionCall']) : textAt(part, 'text'));
  }
  return tokens;
}

function textsOf(body: Json): readonly string[] {
  const contents = [objectAt(body, 'systemInstruction'), ...listAt(body, 'contents')];
  return contents.flatMap((content) => listAt(content, 'parts').map((part) => textAt(part, 'text')));
}

function lastUserText(body: Json): string {
  const users = listAt(body, 'contents').filter(({ role }) => role === 'user');
  const texts = users.flatMap((content) => listAt(content, 'parts').map((part) => textAt(part, 'text')));
  return texts.filter((text) => text !== '').at(-1) ?? '';
}
