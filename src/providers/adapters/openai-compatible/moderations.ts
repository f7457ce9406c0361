import type { ModerationsAnswer, ModerationsRequest } from '../../canonical/moderations.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { ModerationsOperation, Target, UpstreamBody } from '../../provider.js';
import type { ErrorRules } from './error-rules.js';
import { toInBandError } from './errors.js';
import { invalid, parseAnswer } from './parse-answer.js';
import type { ModerationsDialect } from './passed-dialects.js';
import { findInBandError } from './read-error-body.js';
import { toUsage } from './usage.js';
import type { BodyEdits } from './vendor.js';
import { isObject, type WireObject } from './wire.js';

/** `/moderations` of a vendor that speaks OpenAI's format. */
export function moderationsOperation(dialect: ModerationsDialect, rules: ErrorRules | undefined): ModerationsOperation {
  return {
    path: dialect.path ?? '/moderations',
    toBody: (request, target) => toModerationsBody(dialect, request, target),
    fromBody: (body, request, target) => fromModerationsBody(rules, body, request, target),
  };
}

/** @throws ProviderError `unsupported_option` with param `input` for pictures where only text is taken. */
function toModerationsBody(
  { isTextOnly }: ModerationsDialect,
  { source }: ModerationsRequest,
  target: Target,
): UpstreamBody {
  const input = source.value['input'];
  if (isTextOnly === true && Array.isArray(input) && input.some(isObject)) {
    throw new ProviderError({
      kind: 'unsupported_option',
      message: 'This model takes text only; send "input" as a string or a list of strings.',
      param: 'input',
      code: 'unsupported_value',
    });
  }
  const edits: BodyEdits = {};
  if (source.value['model'] !== target.upstreamModel) edits['model'] = JSON.stringify(target.upstreamModel);
  if (source.has('user_identifier')) edits['user_identifier'] = undefined;
  return { body: source.splice(edits), droppedParams: [], isStream: false };
}

/** @throws ProviderError `invalid_response` when a result is missing or has no verdict, or the error that a 200 carries. */
function fromModerationsBody(
  rules: ErrorRules | undefined,
  body: Uint8Array,
  { inputCount }: ModerationsRequest,
  target: Target,
): ModerationsAnswer {
  const answer = parseAnswer(body);
  const { value } = answer;
  const error = findInBandError(value);
  if (error !== undefined) throw toInBandError(error, rules);
  const wireResults: unknown = value['results'];
  if (!Array.isArray(wireResults)) throw invalid('The upstream answer has no results.');
  if (wireResults.length !== inputCount) {
    throw invalid(`The upstream answered ${wireResults.length} results for ${inputCount} inputs.`);
  }
  const results = wireResults.map(readResult);
  const edits: BodyEdits = {};
  if (results.some((result, place) => result !== wireResults[place])) edits['results'] = JSON.stringify(results);
  if (value['model'] !== target.publicModel) edits['model'] = JSON.stringify(target.publicModel);
  return { bytes: answer.splice(edits), usage: toUsage(value['usage']) };
}

/** Mistral says it category by category only: https://docs.mistral.ai/capabilities/guardrailing */
function readResult(wire: unknown): WireObject {
  if (!isObject(wire) || !isObject(wire['categories']))
    throw invalid('A result of the upstream answer has no categories.');
  if (typeof wire['flagged'] === 'boolean') return wire;
  return { ...wire, flagged: Object.values(wire['categories']).includes(true) };
}
