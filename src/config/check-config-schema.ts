import { readFileSync } from 'node:fs';
import type { ErrorObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { closestWord } from './closest-word.js';
import type { ConfigDocument, ConfigPath } from './config-document.js';
import type { RawHubConfig } from './raw-hub-config.js';
import { type SoundParts, soundParts, wholeParts } from './sound-parts.js';

const SCHEMA_FILE = new URL('../../schemas/hub-config.schema.json', import.meta.url);

/** What the schema says of a document. */
export interface CheckedSchema {
  /** Undefined where it refuses anything. */
  readonly raw: RawHubConfig | undefined;
  /** What can be judged further, whatever else is wrong. */
  readonly parts: SoundParts;
}

/** Checks a document against the published schema; problems are reported to it, with their line. */
export function checkConfigSchema(document: ConfigDocument): CheckedSchema {
  const value = document.toValue() ?? {};
  const validate = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true }).compile<RawHubConfig>(
    JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')),
  );
  if (validate(value)) return { raw: value, parts: wholeParts(value) };
  for (const error of validate.errors ?? []) report(document, error);
  return { raw: undefined, parts: soundParts(value, validate) };
}

function report(document: ConfigDocument, error: ErrorObject): void {
  const path = toPath(error.instancePath);
  const place = placeOf(path);
  const { params } = error;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
      const meant = closestWord(key, known);
      const isOfChannel = path.length === 2 && path[0] === 'channels';
      const elsewhere = isOfChannel && Object.hasOwn(ELSEWHERE, key) ? ELSEWHERE[key] : undefined;
      const hint = elsewhere ?? (meant === undefined ? `known are ${known.join(', ')}` : `did you mean \`${meant}\`?`);
      document.refuse(path, `unknown key \`${key}\` in ${place}; ${hint}`, key);
      break;
    }
    case 'required':
      document.refuse(path, `${place} needs \`${params['missingProperty']}\``);
      break;
    case 'type':
      document.refuse(path, `${place} must be ${typeName(params['type'], error.parentSchema)}`);
      break;
    case 'propertyNames':
      document.refuse(path, `${place} has a name that is empty or too long`);
      break;
    case 'minItems':
      document.refuse(
        path,
        `${place} must have at least ${params['limit']} ${params['limit'] === 1 ? 'entry' : 'entries'}`,
      );
      break;
    case 'uniqueItems':
      document.refuse(path, `${place} has the same entry twice`);
      break;
    case 'minProperties':
      document.refuse(path, `${place} must name at least one ${memberOf(path)}`);
      break;
    case 'enum':
      document.refuse(path, `${place} must be ${(params['allowedValues'] as unknown[]).join(' or ')}`);
      break;
    case 'if':
      // The branch that was taken has said what is wrong.
      break;
    case 'pattern':
      document.refuse(
        path,
        `${place} ${PATTERN_RULES[String(params['pattern'])] ?? `must match ${params['pattern']}`}`,
      );
      break;
    default:
      // The same finding about a name, once more from inside propertyNames.
      if (error.propertyName === undefined) document.refuse(path, `${place} ${error.message}`);
  }
}

/** What people look for in a channel under names that it has elsewhere. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  credential: 'it is called `apiKey` here',
  region: 'the region is part of `baseUrl`',
  location: 'the location is part of `baseUrl`',
  project: 'the project is part of `baseUrl`',
  deployment: 'deployments are the upstream names in `models`',
  apiVersion: 'it stands behind an upstream name in `models`, such as "my-deployment?api-version=2025-04-01-preview"',
  api_version: 'it stands behind an upstream name in `models`, such as "my-deployment?api-version=2025-04-01-preview"',
};

/** What an empty mapping lacks. */
const MEMBERS: Readonly<Record<string, string>> = {
  models: 'model',
  video: 'thing that the model can do',
  capabilities: 'thing that the model can do or cannot',
  deadlines: 'deadline',
};

function memberOf(path: ConfigPath): string {
  const isRoute = path.length === 4 && path[0] === 'channels' && path[2] === 'models';
  return isRoute ? 'of upstream, priority and weight' : (MEMBERS[String(path.at(-1))] ?? 'rate');
}

const PATTERN_RULES: Readonly<Record<string, string>> = {
  '^https?://': 'must start with http:// or https://',
  '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$': 'must be 1 to 64 letters, digits, dots, dashes or underscores',
  '^([0-9]{1,2}:[0-9]{1,2}|[a-z_]{1,32})$': 'must be an aspect ratio such as "16:9"',
  '^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$': 'must be a size such as 1024x1024',
  '^[0-9]{4}-[0-9]{2}-[0-9]{2}$': 'must be a day such as 2026-12-01',
  '^[a-z0-9]{1,16}$': 'must be a resolution in lower case such as 720p',
  '^[0-9]{1,9}([.][0-9]{1,9})?$': 'must be a decimal number such as "2.5", with at most nine digits on each side',
  '^(1000([.]0{1,6})?|[0-9]{1,3}([.][0-9]{1,6})?)$':
    'must be a decimal number from 0 to 1000 such as "1.2", with at most six digits after the point',
};

function typeName(type: unknown, schema: object | undefined): string {
  const isNumber = schema !== undefined && 'pattern' in schema && String(schema.pattern).includes('[0-9]{1,');
  if (isNumber) return 'a string: put the number in quotes';
  if (type === 'object') return 'a mapping';
  if (type === 'array') return 'a list';
  return Array.isArray(type) ? `a ${type.join(' or ')}` : `${type === 'integer' ? 'an' : 'a'} ${type}`;
}

/** `/channels/0/models` to its steps. */
function toPath(pointer: string): ConfigPath {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** `channels[0].models`, as people write it. */
export function placeOf(path: ConfigPath): string {
  if (path.length === 0) return 'the file';
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}
