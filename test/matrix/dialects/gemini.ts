import { isJson, type Json, listAt, objectAt, textAt } from '../../simulators/gemini/json-fields.js';
import { signatureOf } from '../../simulators/gemini/signatures.js';
import { type GeminiSimulator, startGeminiSimulator } from '../../simulators/gemini.js';
import type { DialectUpstream, RunningUpstream, Said, Spoken } from '../dialect-upstream.js';

const MODEL = 'gemini-3.8-flash';

/** Google's generateContent. */
export const UPSTREAM: DialectUpstream = {
  provider: 'gemini',
  upstreamModel: MODEL,
  takesThoughts: true,
  start: async () => toUpstream(await startGeminiSimulator()),
};

/** The upstream that a simulator of Gemini is. */
export function toUpstream(simulator: GeminiSimulator): RunningUpstream {
  return {
    baseUrl: simulator.url,
    apiKey: simulator.credential,
    speak: (spoken) => {
      const { input, output } = spoken.tokens;
      const directive = {
        usage: { promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output },
        ...(spoken.breaks === true && { cut_after: 1 }),
      };
      simulator.script(({ path }) => (/enerateContent/.test(path) ? directive : undefined));
      const finishReason = spoken.isCut === true ? 'MAX_TOKENS' : 'STOP';
      simulator.answer({ parts: partsOf(spoken), thoughtWords: 0, finishReason });
    },
    heard: () => {
      const request = simulator.requests.at(-1);
      const body: Json = JSON.parse(request?.body.toString() ?? '{}');
      const parts = listAt(body, 'contents').flatMap((content) =>
        listAt(content, 'parts').map((part) => ({ role: content['role'], part })),
      );
      const config = objectAt(body, 'generationConfig');
      const declared = listAt(body, 'tools').flatMap((tool) => listAt(tool, 'functionDeclarations'));
      return {
        system: listAt(objectAt(body, 'systemInstruction'), 'parts')
          .map((part) => textAt(part, 'text'))
          .join('\n'),
        said: parts.flatMap(({ role, part }) => toSaid(role, part)),
        tools: declared.map((tool) => textAt(tool, 'name')),
        cap: config['maxOutputTokens'] as number | undefined,
        isStream: request?.path.includes('streamGenerateContent') === true,
        hasOwnThoughts: parts.some(({ part }) => part['thoughtSignature'] === SIGNATURE),
      };
    },
    close: () => simulator.close(),
  };
}

const SIGNATURE = signatureOf(MODEL, 1);

function partsOf({ text, thought, calls = [] }: Spoken): readonly Json[] {
  return [
    ...(thought === undefined ? [] : [{ text: thought, thought: true }]),
    ...(text === undefined ? [] : [{ text }]),
    ...calls.map(({ name, input }, i) => ({
      functionCall: { name, args: Object(input) },
      ...(i === 0 && { thoughtSignature: SIGNATURE }),
    })),
  ];
}

function toSaid(role: unknown, part: Json): readonly Said[] {
  const { functionCall: call, functionResponse: result, inlineData: data, thought } = part;
  if (isJson(call)) return [{ by: 'assistant', call: textAt(call, 'name'), input: call['args'] ?? {} }];
  if (isJson(result)) {
    const response = objectAt(result, 'response');
    return [{ by: 'tool', of: textAt(result, 'name'), text: String(response['result'] ?? response['output'] ?? '') }];
  }
  if (isJson(data)) return [{ by: 'user', picture: `data:${textAt(data, 'mimeType')};base64,${textAt(data, 'data')}` }];
  if (thought === true || textAt(part, 'text') === '') return [];
  return [{ by: role === 'model' ? 'assistant' : 'user', text: textAt(part, 'text') }];
}
