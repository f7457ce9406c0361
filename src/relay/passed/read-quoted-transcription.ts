import { missing, parseSource, readBoolean, readChoice, readModel, wrongType } from '../../common/body-fields.js';
import { invalidRequest } from '../../common/hub-error.js';
import { TRANSCRIPT_FORMATS, type TranscriptionRequest } from '../../providers/canonical/transcriptions.js';
import type { ReadTranscription } from './read-transcription.js';

const FIELDS = new Set(['model', 'seconds', 'file', 'response_format', 'stream']);
/** A day: longer than any upload that is taken. */
const SECONDS_MAX = 86_400;
const MS_PER_SECOND = 1000;

/**
 * Reads a transcription whose price is asked for: the text fields of the form as JSON, and `seconds` in place of the file.
 * @throws HubError 400 that names the field.
 */
export function readQuotedTranscription(bytes: Uint8Array, task: TranscriptionRequest['task']): ReadTranscription {
  const { value } = parseSource(bytes, FIELDS);
  const model = readModel(value);
  const { seconds, file } = value;
  if (file !== undefined) {
    throw invalidRequest(
      'A quote takes no upload: in place of "file" give "seconds", the length of the sound.',
      'file',
    );
  }
  if (seconds === undefined || seconds === null) throw missing('seconds');
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= SECONDS_MAX)) {
    throw wrongType('seconds', `a number above 0 and up to ${SECONDS_MAX}`);
  }
  const fields = Object.entries(value).flatMap(([name, given]) =>
    typeof given === 'string' ? [{ name, value: given }] : [],
  );
  const ms = Math.ceil(seconds * MS_PER_SECOND);
  const request = {
    model,
    task,
    format: readChoice(value, 'response_format', TRANSCRIPT_FORMATS) ?? 'json',
    isStream: readBoolean(value, 'stream') ?? false,
    fields,
    fileBytes: 0,
    soundMs: ms,
  };
  return { request, sound: { ms, isCounted: true } };
}
