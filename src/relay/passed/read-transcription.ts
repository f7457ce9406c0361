import { missing, readModel, wrongType } from '../../common/body-fields.js';
import { invalidRequest } from '../../common/hub-error.js';
import { TRANSCRIPT_FORMATS, type TranscriptionRequest } from '../../providers/canonical/transcriptions.js';
import type { MultipartPart } from '../../upload/multipart-scanner.js';
import type { SoundLength } from '../../upload/sound/sound-file.js';
import { soundLength } from '../../upload/sound/sound-length.js';
import type { SpooledUpload } from '../../upload/spooled-upload.js';

// What the hub reads of an upload; the upstream must not read a second one of these.
const FIELDS = ['model', 'file', 'response_format', 'stream', 'prompt'];
/** Where vendors (Groq, Mistral) take sound from elsewhere: the hub could not measure it, and a file's id may be another customer's. */
const OTHER_SOUNDS = new Set(['url', 'file_url', 'file_id']);

/** What a form asks for. */
export interface ReadTranscription {
  readonly request: TranscriptionRequest;
  /** Length of the sound, where its file tells it. */
  readonly sound: SoundLength | undefined;
}

/**
 * Reads the fields of an upload whose speech is to be written down, and the length of the sound.
 * @throws HubError 400 that names the field.
 */
export async function readTranscription(
  upload: SpooledUpload,
  task: TranscriptionRequest['task'],
): Promise<ReadTranscription> {
  for (const name of FIELDS) {
    if (upload.parts.filter((part) => part.name === name).length > 1) {
      throw invalidRequest(`"${name}" is given more than once.`, name, 'duplicate_parameter');
    }
  }
  for (const { name, isFile } of upload.parts) {
    if (OTHER_SOUNDS.has(name) || (isFile && name !== 'file')) {
      throw invalidRequest(`"${name}" is not known: send the sound as "file".`, name, 'unsupported_parameter');
    }
  }
  const file = findFile(upload.parts);
  const given = upload.field('response_format') ?? '';
  const format = given === '' ? 'json' : TRANSCRIPT_FORMATS.find((each) => each === given);
  if (format === undefined) throw wrongType('response_format', `one of ${TRANSCRIPT_FORMATS.join(', ')}`);
  const bytes = upload.fileOf(file);
  const sound = await soundLength(bytes);
  const request = {
    model: readModel({ model: upload.field('model') }),
    task,
    format,
    isStream: readFlag(upload.field('stream'), 'stream'),
    fields: upload.parts.flatMap(({ name, text }) => (text === undefined ? [] : [{ name, value: text }])),
    fileBytes: bytes.size,
    soundMs: sound?.ms,
  };
  return { request, sound };
}

function findFile(parts: readonly MultipartPart[]): MultipartPart {
  const file = parts.find((part) => part.name === 'file');
  if (file === undefined) throw missing('file');
  if (!file.isFile) throw wrongType('file', 'a file, with a name');
  if (file.valueEnd === file.valueStart) throw wrongType('file', 'a file that is not empty');
  return file;
}

function readFlag(text: string | undefined, name: string): boolean {
  if (text === undefined || text === '' || text.toLowerCase() === 'false') return false;
  if (text.toLowerCase() === 'true') return true;
  throw wrongType(name, 'true or false');
}
