import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

// The fixtures are checked with a reader of their own, as plain as can be: it shares nothing with the adapters.
const ROOT = join(import.meta.dirname, '../fixtures');
// Recordings of videos, in a folder of their own, belong to the suite in test/contract/video; those of other formats than OpenAI's
// come with golden requests, and the simulators of their vendors read and write them apart from the adapters.
const has = (provider: string, name: string): boolean => existsSync(join(ROOT, provider, name));
const PROVIDERS = readdirSync(ROOT).filter((name) => has(name, 'chat-response.json') && !has(name, 'requests.json'));

const KINDS = [
  'invalid_request',
  'context_length',
  'content_refused',
  'credential',
  'out_of_money',
  'rate_limited',
  'model_missing',
  'overloaded',
  'invalid_response',
  'timeout',
  'unsupported_option',
];

interface WirePart {
  content?: string | null | { type: string; text?: string; thinking?: { text: string }[] }[];
  reasoning_content?: string | null;
  reasoning?: string | null;
  tool_calls?: { index?: number; id?: string; function: { name?: string; arguments?: string | null } }[] | null;
}

interface WireUsage {
  prompt_tokens: number;
  total_tokens: number;
}

/** What all vendors' answers and chunks have in common, as far as it is looked at here. */
interface WireBody {
  choices?: { delta?: WirePart; message?: WirePart; usage?: WireUsage }[] | null;
  usage?: WireUsage | null;
  x_groq?: { usage?: WireUsage };
  error?: object;
  base_resp?: { status_code: number };
}

interface Expectation {
  text: string | null;
  reasoning: string | null | (string | null)[];
  usage: { inputTokens: number; outputTokens: number };
  toolCalls: object[];
  error?: object;
}

interface ErrorFixture {
  name: string;
  status: number;
  headers: Record<string, string>;
  body: string | object;
  expect: { kind: string | string[] };
}

function read(provider: string, name: string): string {
  return readFileSync(join(ROOT, provider, name), 'utf8');
}

interface Meaning {
  text: string;
  reasoning: string;
  calls: Map<number, { id: string; name: string; arguments: string }>;
  lastUsage: WireUsage | undefined;
  hasError: boolean;
}

/** Adds a message or delta to what is known. */
function take(meaning: Meaning, part: WirePart): void {
  const content = Array.isArray(part.content) ? part.content : [{ type: 'text', text: part.content ?? '' }];
  for (const item of content) {
    if ('thinking' in item) meaning.reasoning += item.thinking?.map((piece) => piece.text).join('');
    else meaning.text += item.text;
  }
  meaning.reasoning += part.reasoning_content ?? part.reasoning ?? '';
  for (const [position, call] of (part.tool_calls ?? []).entries()) {
    const index = call.index ?? position;
    const known = meaning.calls.get(index) ?? { id: '', name: '', arguments: '' };
    known.id ||= call.id ?? '';
    known.name ||= call.function.name ?? '';
    known.arguments += call.function.arguments ?? '';
    meaning.calls.set(index, known);
  }
}

function readMeaning(provider: string, name: string): Meaning {
  const text = read(provider, name);
  const bodies: WireBody[] = name.endsWith('.sse')
    ? [...text.matchAll(/^data: (\{.*)$/gm)].map((match) => JSON.parse(match[1]!))
    : [JSON.parse(text)];
  const meaning: Meaning = { text: '', reasoning: '', calls: new Map(), lastUsage: undefined, hasError: false };
  for (const body of bodies) {
    const choice = body.choices?.[0];
    const part = name.endsWith('.sse') ? choice?.delta : choice?.message;
    if (part !== undefined) take(meaning, part);
    meaning.lastUsage = body.usage ?? body.x_groq?.usage ?? choice?.usage ?? meaning.lastUsage;
    meaning.hasError ||= body.error !== undefined || (body.base_resp?.status_code ?? 0) !== 0;
  }
  return meaning;
}

describe.each(PROVIDERS)('%s', (provider) => {
  const files: Record<string, Expectation> = JSON.parse(read(provider, 'expect.json')).files;

  it('says what each of its files means', () => {
    const bodies = readdirSync(join(ROOT, provider)).filter(
      (name) => !/^(errors\.json|expect\.json|[a-z]+-requests\.json|video|images|image-tasks|passed)$/.test(name),
    );
    expect(Object.keys(files).sort()).toEqual(bodies.sort());
    expect(bodies).toEqual(expect.arrayContaining(['chat-response.json', 'chat-stream.sse']));
    expect(existsSync(join(ROOT, provider, 'tool-stream.sse'))).toBe(provider !== 'perplexity');
  });

  const chatFiles = Object.keys(files).filter((name) => !/^(?:embeddings|rerank)-/.test(name));
  it.each(chatFiles)('%s adds up to what is expected of it', (name) => {
    const meaning = readMeaning(provider, name);
    const wanted = files[name]!;
    expect(meaning.text || null).toBe(wanted.text);
    expect(meaning.hasError).toBe(wanted.error !== undefined);
    if (wanted.error !== undefined) return;
    if (!Array.isArray(wanted.reasoning)) expect(meaning.reasoning || null).toBe(wanted.reasoning);
    expect([...meaning.calls.values()].map((call) => ({ ...call, arguments: call.arguments || '{}' }))).toEqual(
      wanted.toolCalls,
    );
    expect(meaning.lastUsage?.prompt_tokens).toBe(wanted.usage.inputTokens);
    // Reasoning comes on top only where the total says so.
    expect(meaning.lastUsage?.total_tokens).toBe(wanted.usage.inputTokens + wanted.usage.outputTokens);
  });

  it('has well-formed errors of known kinds', () => {
    const errors: ErrorFixture[] = JSON.parse(read(provider, 'errors.json'));
    expect(new Set(errors.map((error) => error.name)).size).toBe(errors.length);
    for (const { status, headers, body, expect: wanted } of errors) {
      expect(KINDS).toEqual(expect.arrayContaining([wanted.kind].flat()));
      expect(Number.isInteger(status)).toBe(true);
      expect(Object.keys(headers)).toEqual(Object.keys(headers).map((name) => name.toLowerCase()));
      expect(['string', 'object']).toContain(typeof body);
    }
  });
});

it('covers every vendor the hub declares', () => {
  expect(PROVIDERS).toHaveLength(23);
});
