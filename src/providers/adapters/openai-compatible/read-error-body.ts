import { isObject, isText, type WireObject } from './wire.js';

/** What an error body says, whatever its shape. */
export interface ErrorText {
  readonly message: string | undefined;
  readonly code: string | undefined;
  readonly type: string | undefined;
  readonly param: string | undefined;
  /** An HTTP status that the body itself names: OpenRouter's `code`, Groq's `status_code`. */
  readonly status: number | undefined;
}

/** How deep error objects inside error objects are followed. */
const NESTING_MAX = 4;

/** Reads a parsed error body of any shape listed in the vendors' documentation; unknown shapes give undefined fields. */
export function readErrorBody(value: unknown): ErrorText {
  const holder = holderOf(value);
  if (holder === undefined)
    return { message: textOf(value), code: undefined, type: undefined, param: undefined, status: undefined };
  const outer = isObject(value) ? value : undefined;
  const base = isObject(holder['base_resp']) ? holder['base_resp'] : undefined;
  const code =
    codeOf(holder['code']) ?? codeOf(holder['error_code']) ?? codeOf(base?.['status_code']) ?? codeOf(outer?.['code']);
  return {
    message: messageOf(holder) ?? (outer === undefined ? undefined : messageOf(outer)),
    code: code ?? detailCode(holder),
    type: codeOf(holder['type']),
    param: codeOf(holder['param']) ?? detailParam(holder),
    status: statusOf(holder['code']) ?? statusOf(holder['status_code']) ?? statusOf(holder['status']),
  };
}

/**
 * Finds an error in a body or stream event that came with status 200.
 * @returns undefined when the object is not an error.
 */
export function findInBandError(value: WireObject): ErrorText | undefined {
  const error = value['error'];
  if (isText(error) || (isObject(error) && Object.keys(error).length > 0)) return readErrorBody(value);
  const base = value['base_resp'];
  if (isObject(base) && typeof base['status_code'] === 'number' && base['status_code'] !== 0)
    return readErrorBody(value);
  const choices = value['choices'];
  if (Array.isArray(choices)) {
    for (const choice of choices) {
      if (isObject(choice) && (isText(choice['error']) || isObject(choice['error']))) return readErrorBody(choice);
    }
    return undefined;
  }
  if (Array.isArray(value['data']) || Array.isArray(value['images'])) return undefined;
  const isFlat =
    value['object'] === 'error' ||
    value['object'] === 'Error' ||
    value['type'] === 'error' ||
    isText(value['error_msg']) ||
    value['detail'] !== undefined ||
    (value['code'] !== undefined && value['code'] !== 0 && (isText(value['message']) || isText(value['msg'])));
  return isFlat ? readErrorBody(value) : undefined;
}

/** The object that holds message and code: `error` when it is one, the first of a list, or the body itself. */
function holderOf(value: unknown): WireObject | undefined {
  if (Array.isArray(value)) return holderOf(value[0]);
  if (!isObject(value)) return undefined;
  return isObject(value['error']) ? value['error'] : value;
}

function messageOf(holder: WireObject, depth = 0): string | undefined {
  if (depth > NESTING_MAX) return undefined;
  const base = holder['base_resp'];
  const candidates = [
    holder['message'],
    holder['error'],
    holder['msg'],
    holder['detail'],
    holder['errors'],
    holder['error_msg'],
    isObject(base) ? base['status_msg'] : undefined,
  ];
  for (const candidate of candidates) {
    const text = textOf(candidate, depth);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Text from a string, an error-like object, or a list of either. */
function textOf(value: unknown, depth = 0): string | undefined {
  if (isText(value)) return value;
  if (Array.isArray(value)) {
    const texts = value.map((item) => textOf(item, depth + 1)).filter(isText);
    return texts.length === 0 ? undefined : texts.join('; ');
  }
  return isObject(value) ? messageOf(value, depth + 1) : undefined;
}

function codeOf(value: unknown): string | undefined {
  if (isText(value)) return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

function statusOf(value: unknown): number | undefined {
  return Number.isInteger(value) && (value as number) >= 400 && (value as number) <= 599
    ? (value as number)
    : undefined;
}

/** The first entry of a validation list: `detail`, wherever Mistral has put it, or `message` being that list. */
function firstDetail(holder: WireObject): WireObject | undefined {
  const message = holder['message'];
  const detail = holder['detail'] ?? (isObject(message) ? message['detail'] : message);
  const first: unknown = Array.isArray(detail) ? detail[0] : undefined;
  return isObject(first) ? first : undefined;
}

function detailCode(holder: WireObject): string | undefined {
  return codeOf(firstDetail(holder)?.['type']);
}

/** `["body","messages",0,"name"]` becomes `messages[0].name`. */
function detailParam(holder: WireObject): string | undefined {
  const location = firstDetail(holder)?.['loc'];
  if (!Array.isArray(location)) return undefined;
  let path = '';
  for (const part of location[0] === 'body' ? location.slice(1) : location) {
    if (typeof part === 'number') path += `[${part}]`;
    else if (typeof part === 'string') path += path === '' ? part : `.${part}`;
  }
  return path === '' ? undefined : path;
}
