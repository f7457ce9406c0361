import { randomBytes } from 'node:crypto';
import { readModel } from './models.endpoint.js';
import type { Reply } from './reply.js';
import { SandboxError } from './sandbox-error.js';
import { isJsonObject, type JsonObject, readJsonBody, type SandboxRequest } from './sandbox-request.js';

/** Words by which a text is flagged: enough to see both verdicts, no judgement of anything. */
const CATEGORIES: Readonly<Record<string, RegExp | undefined>> = {
  harassment: /\b(?:idiot|stupid)\b/i,
  'harassment/threatening': undefined,
  hate: /\bhate\b/i,
  'hate/threatening': undefined,
  illicit: undefined,
  'illicit/violent': undefined,
  'self-harm': undefined,
  'self-harm/intent': undefined,
  'self-harm/instructions': undefined,
  sexual: undefined,
  'sexual/minors': undefined,
  violence: /\b(?:kill|murder|bomb)|杀|炸弹/i,
  'violence/graphic': undefined,
};
const SCORES = { flagged: 0.95, fine: 0.0001 };
const MODEL_DEFAULT = 'omni-moderation-latest';

/** `POST /v1/moderations`. */
export function moderate(request: SandboxRequest): Reply {
  const body = readJsonBody(request);
  const { snapshot } = readModel(request, { model: MODEL_DEFAULT, ...body }, 'moderations');
  const results = readInputs(body).map(toResult);
  return { type: 'json', body: { id: `modr-${randomBytes(16).toString('hex')}`, model: snapshot, results } };
}

function toResult({ text, kinds }: Input): object {
  const names = Object.keys(CATEGORIES);
  const categories = Object.fromEntries(names.map((name) => [name, CATEGORIES[name]?.test(text) ?? false]));
  return {
    flagged: Object.values(categories).includes(true),
    categories,
    category_scores: Object.fromEntries(names.map((name) => [name, categories[name] ? SCORES.flagged : SCORES.fine])),
    category_applied_input_types: Object.fromEntries(names.map((name) => [name, kinds])),
  };
}

interface Input {
  readonly text: string;
  readonly kinds: readonly string[];
}

/** A list of texts is as many inputs; a list of parts is one. */
function readInputs(body: JsonObject): readonly Input[] {
  const { input } = body;
  if (typeof input === 'string') return [{ text: input, kinds: ['text'] }];
  const list: readonly unknown[] = Array.isArray(input) ? input : [];
  if (list.length > 0 && list.every((each) => typeof each === 'string')) {
    return list.map((text) => ({ text, kinds: ['text'] }));
  }
  const parts = list.filter(isJsonObject);
  if (parts.length === 0 || parts.length < list.length) {
    throw new SandboxError(400, "Invalid 'input': expected a text, texts, or parts.", 'input');
  }
  const texts = parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
  const hasPicture = parts.some(({ type }) => type === 'image_url');
  return [{ text: texts.join('\n'), kinds: hasPicture ? ['text', 'image'] : ['text'] }];
}
