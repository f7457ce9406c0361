import { missing, wrongType } from '../common/body-fields.js';
import { invalidRequest } from '../common/hub-error.js';
import { isObject } from '../common/is-object.js';
import type { JsonSource } from '../common/json-source.js';
import type { Submission } from './submission.js';

type Body = Readonly<Record<string, unknown>>;

/** Longest prompt of any model; each model has its own limit below it. */
export const PROMPT_CHARS_MAX = 20_000;
export const SEED_MAX = 2 ** 32 - 1;
/** As long as usage reports keep them. */
const USER_IDENTIFIER_CHARS_MAX = 256;
const NAME_CHARS_MAX = 256;
const WEBHOOK_URL_CHARS_MAX = 2048;
const OPTIONS_BYTES_MAX = 64 * 1024;
const METADATA_ENTRIES_MAX = 16;
const METADATA_KEY_CHARS_MAX = 64;
const METADATA_VALUE_CHARS_MAX = 512;
// PostgreSQL stores every character but this one.
const NUL = '\0';

/**
 * Refuses members that the hub does not read: an option that is passed over in silence would be paid for all the same.
 * @throws HubError 400 `unknown_parameter` that names the first of them.
 */
export function refuseUnknown(source: JsonSource, fields: ReadonlySet<string>): void {
  for (const name of source.names) {
    if (!fields.has(name)) throw unknownParameter(name, fields);
  }
}

/** 400: there is no such field here. */
export function unknownParameter(name: string, fields: ReadonlySet<string>): Error {
  const shown = JSON.stringify(name.slice(0, 64).toWellFormed());
  const message = `There is no field ${shown} here; there are: ${[...fields].join(', ')}.`;
  return invalidRequest(message, name.slice(0, 64).toWellFormed(), 'unknown_parameter');
}

/**
 * An optional text of 1 to `charsMax` characters that can be stored; null counts as absent.
 * @throws HubError 400 that names the field.
 */
export function readText(body: Body, name: string, charsMax: number): string | undefined {
  const found = body[name];
  if (found === undefined || found === null) return undefined;
  if (typeof found !== 'string' || found === '') throw wrongType(name, 'a non-empty string');
  if (found.length > charsMax) throw wrongType(name, `at most ${charsMax} characters long`);
  return storable(found, name);
}

/** The prompt. @param isRequired false where a picture may do instead; then '' when there is none. */
export function readPrompt(body: Body, isRequired: boolean): string {
  const { prompt } = body;
  const isAbsent = prompt === undefined || prompt === null || prompt === '';
  if (isAbsent && isRequired) throw missing('prompt');
  return isAbsent ? '' : (readText(body, 'prompt', PROMPT_CHARS_MAX) ?? '');
}

/** Fields that every kind of job takes and that say nothing of what is made. */
export function readCommonFields(body: Body): Omit<Submission, 'request' | 'inputs'> {
  return {
    provider: readText(body, 'provider', NAME_CHARS_MAX),
    model: readText(body, 'model', NAME_CHARS_MAX),
    userIdentifier: readUserIdentifier(body),
    metadata: readMetadata(body['metadata']),
    webhookUrl: readText(body, 'webhookUrl', WEBHOOK_URL_CHARS_MAX),
  };
}

/** For whom the caller asks; '' when it does not say. */
export function readUserIdentifier(body: Body, name = 'user_identifier'): string {
  return body[name] === '' ? '' : (readText(body, name, USER_IDENTIFIER_CHARS_MAX) ?? '');
}

/** `providerOptions`: options in the vendor's own words, as they came. Which there may be, the model says. */
export function readOptions(body: Body): Readonly<Record<string, unknown>> | undefined {
  const options = body['providerOptions'];
  if (options === undefined || options === null) return undefined;
  if (!isObject(options)) throw wrongType('providerOptions', 'an object');
  const text = JSON.stringify(options, (key, value: unknown) => {
    storable(key, 'providerOptions');
    return typeof value === 'string' ? storable(value, 'providerOptions') : value;
  });
  if (Buffer.byteLength(text) > OPTIONS_BYTES_MAX) {
    throw wrongType('providerOptions', `at most ${OPTIONS_BYTES_MAX} bytes of JSON`);
  }
  return options;
}

function readMetadata(metadata: unknown): Readonly<Record<string, string>> | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  if (!isObject(metadata)) throw wrongType('metadata', 'an object');
  const entries = Object.entries(metadata);
  if (entries.length > METADATA_ENTRIES_MAX) throw wrongType('metadata', `at most ${METADATA_ENTRIES_MAX} entries`);
  for (const [key, value] of entries) {
    if (key === '' || key.length > METADATA_KEY_CHARS_MAX) {
      throw invalidRequest(`Keys of "metadata" have 1 to ${METADATA_KEY_CHARS_MAX} characters.`, 'metadata');
    }
    const path = `metadata.${storable(key, 'metadata')}`;
    if (typeof value !== 'string') throw wrongType(path, 'a string');
    if (value.length > METADATA_VALUE_CHARS_MAX)
      throw wrongType(path, `at most ${METADATA_VALUE_CHARS_MAX} characters`);
    storable(value, path);
  }
  return metadata as Readonly<Record<string, string>>;
}

function storable(text: string, name: string): string {
  if (text.includes(NUL) || !text.isWellFormed()) {
    throw invalidRequest(`"${name}" contains a NUL character or half of a surrogate pair.`, name);
  }
  return text;
}
