import { missing, parseSource, readChoice, readModel, wrongType } from '../../common/body-fields.js';
import type { SpeechRequest } from '../../providers/canonical/speech.js';

const FIELDS = new Set(['model', 'input', 'voice', 'response_format', 'speed', 'stream_format']);
/** OpenAI takes 4,096; others more. An upstream that takes fewer says so itself. */
const CHARACTERS_MAX = 65_536;
const SPEED_MIN = 0.25;
const SPEED_MAX = 4;
const PERCENT = 100;

/** What a speech body asks for. */
export interface ReadSpeech {
  readonly request: SpeechRequest;
  /** 100 is the usual speed. */
  readonly speedPercent: number;
}

/**
 * Reads a speech body.
 * @throws HubError 400 that names the field.
 */
export function validateSpeech(bytes: Uint8Array): ReadSpeech {
  const source = parseSource(bytes, FIELDS);
  const { value } = source;
  const model = readModel(value);
  const { input, response_format: format } = value;
  if (input === undefined || input === null) throw missing('input');
  if (typeof input !== 'string' || input === '') throw wrongType('input', 'a non-empty string');
  const characters = countCharacters(input);
  if (characters > CHARACTERS_MAX) throw wrongType('input', `a string of at most ${CHARACTERS_MAX} characters`);
  if (format !== undefined && format !== null && !isName(format))
    throw wrongType('response_format', 'the name of a format');
  return {
    request: {
      source,
      model,
      input,
      characters,
      format: isName(format) ? format : 'mp3',
      isEvents: readChoice(value, 'stream_format', ['audio', 'sse']) === 'sse',
    },
    speedPercent: Math.round((readSpeed(value['speed']) ?? 1) * PERCENT),
  };
}

function readSpeed(speed: unknown): number | undefined {
  if (speed === undefined || speed === null) return undefined;
  if (typeof speed === 'number' && speed >= SPEED_MIN && speed <= SPEED_MAX) return speed;
  throw wrongType('speed', `a number from ${SPEED_MIN} to ${SPEED_MAX}`);
}

/** Code points, as vendors bill by: a character outside of the basic plane is one. */
function countCharacters(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const isPair = (text.codePointAt(i) ?? 0) > 0xffff;
    if (isPair) i++;
    count++;
  }
  return count;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9_]{1,32}$/i.test(value);
}
