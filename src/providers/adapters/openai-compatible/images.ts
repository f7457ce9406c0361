import type { ImageItem, ImagesAnswer, ImagesRequest } from '../../canonical/images.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { Target, UpstreamBody } from '../../provider.js';
import type { ErrorRules } from './error-rules.js';
import { toInBandError } from './errors.js';
import { invalid, parseAnswer } from './parse-answer.js';
import { findInBandError, readErrorBody } from './read-error-body.js';
import { toUsage } from './usage.js';
import type { BodyEdits, ImagesDialect } from './vendor.js';
import { isObject, isText } from './wire.js';

/**
 * Translates an image generation request by splicing.
 * @throws ProviderError `unsupported_option` with `param` for an option that cannot be honoured.
 */
export function toImagesBody(dialect: ImagesDialect, request: ImagesRequest, target: Target): UpstreamBody {
  const { source } = request;
  const model = target.upstreamModel;
  refuse(dialect, request, model);
  const edits: BodyEdits = {};
  const droppedParams: string[] = [];
  if (source.value['model'] !== model) edits['model'] = JSON.stringify(model);
  if (source.has('user_identifier')) edits['user_identifier'] = undefined;
  if (source.has('response_format')) {
    // Not reported: the relay brings the answer into the asked format.
    if (dialect.refusesResponseFormat?.(model) === true) edits['response_format'] = undefined;
    else if (dialect.base64Name !== undefined && request.responseFormat === 'b64_json') {
      edits['response_format'] = JSON.stringify(dialect.base64Name);
    }
  }
  for (const name of dialect.refusedFields ?? []) {
    if (!source.has(name)) continue;
    edits[name] = undefined;
    if (source.value[name] !== null) droppedParams.push(name);
  }
  for (const [from, to] of Object.entries(dialect.renamedFields ?? {})) {
    if (!source.has(from)) continue;
    edits[from] = undefined;
    if (!source.has(to)) edits[to] = source.textOf(from);
  }
  dialect.adjust?.(source.value, edits, model);
  const isStream = request.isStream && dialect.canStream !== false;
  if (dialect.canStream === false && source.has('stream')) edits['stream'] = undefined;
  return { body: source.splice(edits), droppedParams, isStream };
}

/**
 * Reads an image answer: OpenAI's, Together's, SiliconFlow's, xAI's and Seedream's, whose single pictures may fail.
 * @throws ProviderError `invalid_response` without a picture, or the error that a 200 or every picture carries.
 */
export function fromImagesBody(rules: ErrorRules | undefined, body: Uint8Array): ImagesAnswer {
  const { value } = parseAnswer(body);
  const error = findInBandError(value);
  if (error !== undefined) throw toInBandError(error, rules);
  const wireItems = Array.isArray(value['data']) ? value['data'] : value['images'];
  if (!Array.isArray(wireItems) || wireItems.length === 0) throw invalid('The upstream answer has no pictures.');
  const data: ImageItem[] = wireItems.filter(
    (item) => isObject(item) && (isText(item['url']) || isText(item['b64_json'])),
  );
  if (data.length === 0) {
    const failed: unknown = wireItems.find((item) => isObject(item) && isObject(item['error']));
    if (failed !== undefined) throw toInBandError(readErrorBody(failed), rules);
    throw invalid('The upstream answer has no pictures.');
  }
  const { images: _, ...rest } = value;
  return {
    body: { ...rest, created: typeof value['created'] === 'number' ? value['created'] : 0, data },
    // What was delivered is known even when nothing was reported.
    usage: { ...toUsage(value['usage']), images: data.length },
  };
}

function refuse(dialect: ImagesDialect, request: ImagesRequest, model: string): void {
  const { canGiveSeveral } = dialect;
  const reason = dialect.refusal?.(request.source.value, model);
  if (reason !== undefined) {
    throw new ProviderError({ kind: 'unsupported_option', ...reason, code: 'unsupported_parameter' });
  }
  if (canGiveSeveral === undefined || request.count <= 1) return;
  if (!(typeof canGiveSeveral === 'function' ? canGiveSeveral(model) : canGiveSeveral)) {
    throw new ProviderError({
      kind: 'unsupported_option',
      message: 'This model gives only one picture per request; leave out "n" or set it to 1.',
      param: 'n',
      code: 'unsupported_parameter',
    });
  }
}
