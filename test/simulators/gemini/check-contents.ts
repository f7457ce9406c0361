import { invalidArgument } from './google-error.js';
import { isJson, type Json, listAt, objectAt, textAt } from './json-fields.js';
import { rulesOf } from './models.js';
import { isSignatureOf, SENTINEL } from './signatures.js';

const DATA_FIELDS = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
];
const PART_FIELDS = [...DATA_FIELDS, 'thought', 'thoughtSignature', 'videoMetadata', 'mediaResolution'];
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Refuses turns that the API does not take. @throws GoogleError. */
export function checkContents(body: Json, model: string): void {
  const contents = listAt(body, 'contents');
  if (contents.length === 0) throw invalidArgument('* GenerateContentRequest.contents: contents is not specified');
  for (const [c, content] of contents.entries()) checkContent(content, `contents[${c}]`);
  checkCalls(contents);
  const last = contents.at(-1);
  if (last?.['role'] === 'model' && !rulesOf(model).takesPrefill)
    throw invalidArgument('Requests ending with a model turn are not supported.');
  if (rulesOf(model).checksSignatures) checkSignatures(contents, model);
}

function checkContent(content: Json, at: string): void {
  const { role } = content;
  if (role !== 'user' && role !== 'model') throw invalidArgument(`Please use a valid role: user, model.`);
  const parts = listAt(content, 'parts');
  if (parts.length === 0)
    throw invalidArgument(`* GenerateContentRequest.${at}.parts: contents.parts must not be empty.`);
  for (const [p, part] of parts.entries()) checkPart(part, `${at}.parts[${p}]`);
}

function checkPart(part: Json, at: string): void {
  for (const name of Object.keys(part)) {
    if (!PART_FIELDS.includes(name))
      throw invalidArgument(`Invalid JSON payload received. Unknown name "${name}" at '${at}': Cannot find field.`);
  }
  const given = DATA_FIELDS.filter((name) => part[name] !== undefined);
  if (given.length !== 1)
    throw invalidArgument(`* ${at}.data: required oneof field 'data' must have one initialized field`);
  if (part['text'] === '' && part['thoughtSignature'] === undefined)
    throw invalidArgument('Unable to submit request because it must have a text parameter.');
  const inline = part['inlineData'];
  if (isJson(inline)) {
    if (textAt(inline, 'mimeType') === '') throw invalidArgument(`${at}.inline_data: mime_type is required.`);
    if (!BASE64.test(textAt(inline, 'data')))
      throw invalidArgument(`Invalid value at '${at}.inline_data.data' (TYPE_BYTES), Base64 decoding failed`);
  }
  const call = part['functionCall'];
  if (isJson(call) && call['args'] !== undefined && !isJson(call['args']))
    throw invalidArgument(`Invalid value at '${at}.function_call.args' (type.googleapis.com/google.protobuf.Struct)`);
  const result = part['functionResponse'];
  if (!isJson(result)) return;
  if (textAt(result, 'name') === '') throw invalidArgument(`* ${at}.function_response.name: Name cannot be empty.`);
  if (!isJson(result['response']))
    throw invalidArgument(
      `Invalid value at '${at}.function_response.response' (type.googleapis.com/google.protobuf.Struct)`,
    );
}

function callsOf(content: Json | undefined): readonly Json[] {
  return content?.['role'] === 'model' ? listAt(content, 'parts').filter((part) => isJson(part['functionCall'])) : [];
}

function resultsOf(content: Json | undefined): readonly Json[] {
  return listAt(content, 'parts').filter((part) => isJson(part['functionResponse']));
}

/** Calls come after a user turn, and their results right after them: as many, each under a name that was called. */
function checkCalls(contents: readonly Json[]): void {
  for (const [c, content] of contents.entries()) {
    const calls = callsOf(content);
    const results = resultsOf(content);
    if (calls.length > 0 && contents[c - 1]?.['role'] !== 'user')
      throw invalidArgument(
        'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
      );
    if (results.length > 0 && callsOf(contents[c - 1]).length === 0)
      throw invalidArgument('Please ensure that function response turn comes immediately after a function call turn.');
    if (calls.length > 0 && c + 1 < contents.length && resultsOf(contents[c + 1]).length !== calls.length)
      throw invalidArgument(
        'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
      );
    const called = callsOf(contents[c - 1]).map((part) => textAt(objectAt(part, 'functionCall'), 'name'));
    for (const result of results) {
      const name = textAt(objectAt(result, 'functionResponse'), 'name');
      if (!called.includes(name)) throw invalidArgument(`function_response.name: ${name} was not called.`);
    }
  }
}

/** Of the current turn, which begins with the last content of the user's own: the first call of each step is signed. */
function checkSignatures(contents: readonly Json[], model: string): void {
  const start = contents.findLastIndex((content) => content['role'] === 'user' && resultsOf(content).length === 0);
  for (const [c, content] of contents.entries()) {
    const first = callsOf(content)[0];
    if (first === undefined) continue;
    const { thoughtSignature } = first;
    if (thoughtSignature === undefined) {
      if (c <= start) continue;
      const name = textAt(objectAt(first, 'functionCall'), 'name');
      throw invalidArgument(
        `Function call is missing a thought_signature in functionCall parts. Function call \`${name}\` in the \`${c}.\` content block.`,
      );
    }
    if (thoughtSignature !== SENTINEL && !isSignatureOf(String(thoughtSignature), model))
      throw invalidArgument('Thought signature is not valid.');
  }
}
