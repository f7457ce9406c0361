import { checkContents } from './check-contents.js';
import { invalidArgument, unknownName } from './google-error.js';
import { isJson, type Json, listAt, objectAt, textAt } from './json-fields.js';
import { rulesOf } from './models.js';

const REQUEST_FIELDS = [
  'model',
  'contents',
  'tools',
  'toolConfig',
  'safetySettings',
  'systemInstruction',
  'generationConfig',
  'cachedContent',
];
const CONFIG_FIELDS = [
  'stopSequences',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseModalities',
  'candidateCount',
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'responseLogprobs',
  'logprobs',
  'thinkingConfig',
  'imageConfig',
  'mediaResolution',
];
const DECLARATION_FIELDS = ['name', 'description', 'parameters', 'parametersJsonSchema', 'response', 'behavior'];
/** The part of OpenAPI 3 that `Schema` of the API has. */
const SCHEMA_FIELDS = [
  'type',
  'format',
  'title',
  'description',
  'nullable',
  'enum',
  'maxItems',
  'minItems',
  'properties',
  'required',
  'minProperties',
  'maxProperties',
  'minLength',
  'maxLength',
  'pattern',
  'example',
  'anyOf',
  'propertyOrdering',
  'default',
  'items',
  'minimum',
  'maximum',
];
const MODES = ['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'];
const HARM_CATEGORIES = [
  'HARM_CATEGORY_HARASSMENT',
  'HARM_CATEGORY_HATE_SPEECH',
  'HARM_CATEGORY_SEXUALLY_EXPLICIT',
  'HARM_CATEGORY_DANGEROUS_CONTENT',
  'HARM_CATEGORY_CIVIC_INTEGRITY',
];
const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];
const INT32_MAX = 2 ** 31 - 1;
const STOPS_MAX = 5;

/** Refuses a generateContent request as the API does. @throws GoogleError. */
export function checkGenerate(body: Json, model: string, isStream: boolean): void {
  refuseUnknown(body, REQUEST_FIELDS, '');
  const { systemInstruction } = body;
  if (systemInstruction !== undefined && listAt(systemInstruction, 'parts').length === 0)
    throw invalidArgument('systemInstruction.parts must not be empty.');
  checkTools(body);
  checkConfig(body, model, isStream);
  for (const { category } of listAt(body, 'safetySettings')) {
    if (!HARM_CATEGORIES.includes(String(category)))
      throw invalidArgument(`Invalid value at 'safety_settings[0].category', "${category}"`);
  }
  checkContents(body, model);
}

function refuseUnknown(value: Json, known: readonly string[], at: string): void {
  for (const name of Object.keys(value)) if (!known.includes(name)) throw unknownName(name, at);
}

function checkTools(body: Json): void {
  const names: string[] = [];
  for (const [t, tool] of listAt(body, 'tools').entries()) {
    refuseUnknown(tool, ['functionDeclarations', 'googleSearch', 'codeExecution', 'urlContext'], `tools[${t}]`);
    for (const [f, declaration] of listAt(tool, 'functionDeclarations').entries()) {
      const at = `tools[${t}].function_declarations[${f}]`;
      refuseUnknown(declaration, DECLARATION_FIELDS, at);
      const name = textAt(declaration, 'name');
      if (!/^[A-Za-z_][\w.:-]{0,127}$/.test(name)) throw invalidArgument(`${at}.name: Invalid function name.`);
      if (names.includes(name)) throw invalidArgument(`Duplicate function declaration found: ${name}`);
      names.push(name);
      if (declaration['parameters'] !== undefined && declaration['parametersJsonSchema'] !== undefined)
        throw invalidArgument(`${at}: only one of parameters and parameters_json_schema may be set.`);
      if (isJson(declaration['parameters'])) checkSchema(declaration['parameters'], `${at}.parameters`);
      if (objectAt(declaration, 'parametersJsonSchema')['$schema'] !== undefined)
        throw unknownName('$schema', `${at}.parameters_json_schema`);
    }
  }
  const config = objectAt(objectAt(body, 'toolConfig'), 'functionCallingConfig');
  const mode = config['mode'] ?? 'AUTO';
  if (!MODES.includes(String(mode)))
    throw invalidArgument(`Invalid value at 'tool_config.function_calling_config.mode'`);
  const allowed = config['allowedFunctionNames'];
  if (!Array.isArray(allowed)) return;
  if (mode !== 'ANY' && mode !== 'VALIDATED')
    throw invalidArgument('allowed_function_names should only be set when the function calling mode is ANY.');
  for (const name of allowed) {
    if (!names.includes(String(name))) throw invalidArgument(`allowed_function_names: unknown function ${name}.`);
  }
}

/** `parameters` and `responseSchema` are messages with fixed fields, not JSON Schema. */
function checkSchema(schema: Json, at: string): void {
  refuseUnknown(schema, SCHEMA_FIELDS, at);
  if (String(schema['type']).toUpperCase() === 'OBJECT' && Object.keys(objectAt(schema, 'properties')).length === 0)
    throw invalidArgument(`${at}.properties: should be non-empty for OBJECT type`);
  for (const [name, property] of Object.entries(objectAt(schema, 'properties'))) {
    if (isJson(property)) checkSchema(property, `${at}.properties[${name}]`);
  }
  if (isJson(schema['items'])) checkSchema(schema['items'], `${at}.items`);
  for (const branch of listAt(schema, 'anyOf')) checkSchema(branch, `${at}.any_of`);
}

function checkConfig(body: Json, model: string, isStream: boolean): void {
  const config = objectAt(body, 'generationConfig');
  refuseUnknown(config, CONFIG_FIELDS, 'generation_config');
  const rules = rulesOf(model);
  const { candidateCount, seed, maxOutputTokens, stopSequences, responseMimeType, responseLogprobs } = config;
  if (typeof candidateCount === 'number' && candidateCount > 1) {
    if (isStream) throw invalidArgument('Streaming is not supported with candidate_count greater than 1.');
    if (!rules.hasCandidates) throw invalidArgument('Multiple candidates is not enabled for this model');
  }
  if (seed !== undefined && !(Number.isInteger(seed) && Math.abs(Number(seed)) <= INT32_MAX))
    throw invalidArgument(`Invalid value at 'generation_config.seed' (TYPE_INT32), ${seed}`);
  if (maxOutputTokens !== undefined && !(Number(maxOutputTokens) >= 1))
    throw invalidArgument('max_output_tokens must be positive.');
  if (Array.isArray(stopSequences) && stopSequences.length > STOPS_MAX)
    throw invalidArgument(`The number of stop sequences must be at most ${STOPS_MAX}.`);
  const hasSchema = config['responseSchema'] !== undefined || config['responseJsonSchema'] !== undefined;
  if (hasSchema && responseMimeType !== 'application/json')
    throw invalidArgument('response_schema requires response_mime_type application/json.');
  if (responseMimeType === 'application/json' && listAt(body, 'tools').length > 0 && rules.generation < 3)
    throw invalidArgument("Function calling with a response mime type: 'application/json' is unsupported");
  if (config['logprobs'] !== undefined && responseLogprobs !== true)
    throw invalidArgument('logprobs requires response_logprobs to be true.');
  checkThinking(objectAt(config, 'thinkingConfig'), model);
  checkImages(config, model);
}

function checkThinking(thinking: Json, model: string): void {
  const { thinkingBudget, thinkingLevel } = thinking;
  const rules = rulesOf(model);
  if (Object.keys(thinking).length > 0 && !rules.thinks)
    throw invalidArgument('Thinking is not enabled for this model.');
  if (thinkingBudget !== undefined && thinkingLevel !== undefined)
    throw invalidArgument('You can only set only one of thinking budget and thinking level.');
  if (thinkingLevel !== undefined && !rules.levels.includes(String(thinkingLevel)))
    throw invalidArgument(`Thinking level ${String(thinkingLevel)} is not supported for this model.`);
  if (thinkingBudget === undefined) return;
  if (rules.budget === undefined) throw invalidArgument('Thinking budget is not supported for this model.');
  const budget = Number(thinkingBudget);
  const isOff = budget === 0;
  if (isOff && !rules.budget.canBeOff)
    throw invalidArgument('Budget 0 is invalid. This model only works in thinking mode.');
  if (!isOff && budget !== -1 && (budget < rules.budget.min || budget > rules.budget.max))
    throw invalidArgument(`The thinking budget ${budget} is invalid. Please choose a value between its limits.`);
  if (isOff && thinking['includeThoughts'] === true)
    throw invalidArgument('include_thoughts is only enabled when thinking is enabled.');
}

function checkImages(config: Json, model: string): void {
  const modalities = config['responseModalities'];
  const rules = rulesOf(model);
  if (Array.isArray(modalities) && modalities.includes('IMAGE') && rules.imageSizes === undefined)
    throw invalidArgument('The requested combination of response modalities is not supported by the model.');
  const { imageConfig } = config;
  if (imageConfig === undefined) return;
  if (rules.imageSizes === undefined) throw invalidArgument('Image config is not supported by this model.');
  const { aspectRatio, imageSize } = objectAt(config, 'imageConfig');
  if (aspectRatio !== undefined && !RATIOS.includes(String(aspectRatio)))
    throw invalidArgument(`Invalid aspect ratio ${String(aspectRatio)}.`);
  if (imageSize !== undefined && !rules.imageSizes.includes(String(imageSize)))
    throw invalidArgument(`Image size ${String(imageSize)} is not supported by this model.`);
}
