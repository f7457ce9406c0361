import type { AnswerEvent, AnswerEventReader } from '../../canonical/answer-events.js';
import type { SseEvent } from '../../canonical/chat.js';
import type { CompletionsAnswer, CompletionsRequest } from '../../canonical/completions.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { CompletionsOperation, Target, UpstreamBody } from '../../provider.js';
import type { ErrorRules } from './error-rules.js';
import { toInBandError } from './errors.js';
import { readFinishReason } from './finish-reason.js';
import { invalid, parseAnswer } from './parse-answer.js';
import type { CompletionsDialect } from './passed-dialects.js';
import { findInBandError } from './read-error-body.js';
import { readEvent } from './read-event.js';
import { toUsage, toWireUsage } from './usage.js';
import type { BodyEdits, BodyValue } from './vendor.js';
import { isObject, type WireObject } from './wire.js';

const INDEX_MAX = 65_536;

/** `/completions` of a vendor that speaks OpenAI's format. */
export function completionsOperation(dialect: CompletionsDialect, rules: ErrorRules | undefined): CompletionsOperation {
  return {
    path: dialect.path ?? '/completions',
    toBody: (request, target) => toCompletionsBody(dialect, request, target),
    fromBody: (body, _request, target) => fromCompletionsBody(rules, body, target),
    openStream: () => new CompletionsStream(rules),
  };
}

/** @throws ProviderError `unsupported_option` naming `prompt`, `n` or `best_of`. */
function toCompletionsBody(dialect: CompletionsDialect, request: CompletionsRequest, target: Target): UpstreamBody {
  const { source } = request;
  const edits: BodyEdits = {};
  refuse(dialect, source.value);
  if (dialect.canGiveChoices === false) Object.assign(edits, { n: undefined, best_of: undefined });
  const droppedParams: string[] = [];
  if (source.value['model'] !== target.upstreamModel) edits['model'] = JSON.stringify(target.upstreamModel);
  if (source.has('user_identifier')) edits['user_identifier'] = undefined;
  // Others have another default, or none.
  if (typeof source.value['max_tokens'] !== 'number') edits['max_tokens'] = String(request.outputTokensCap);
  if (request.isStream) {
    const options = source.value['stream_options'];
    const asked = { ...(isObject(options) ? options : {}), include_usage: true };
    if (!request.includeUsage) edits['stream_options'] = JSON.stringify(asked);
  } else if (source.has('stream_options')) edits['stream_options'] = undefined;
  for (const name of dialect.refusedFields ?? []) {
    if (!source.has(name)) continue;
    edits[name] = undefined;
    if (source.value[name] !== null) droppedParams.push(name);
  }
  return { body: source.splice(edits), droppedParams, isStream: request.isStream };
}

function refuse({ takesOnePromptOnly, canGiveChoices }: CompletionsDialect, body: BodyValue): void {
  const reason =
    takesOnePromptOnly === true && typeof body['prompt'] !== 'string'
      ? { param: 'prompt', message: 'This model takes one text; send "prompt" as a string.' }
      : ['n', 'best_of']
          .filter((name) => canGiveChoices === false && Number(body[name] ?? 1) > 1)
          .map((param) => ({ param, message: `This model gives one choice; leave out "${param}" or set it to 1.` }))[0];
  if (reason !== undefined) {
    throw new ProviderError({ kind: 'unsupported_option', ...reason, code: 'unsupported_parameter' });
  }
}

/** @throws ProviderError `invalid_response` for an answer without choices, or the error that a 200 carries. */
function fromCompletionsBody(rules: ErrorRules | undefined, body: Uint8Array, target: Target): CompletionsAnswer {
  const answer = parseAnswer(body);
  const { value } = answer;
  const error = findInBandError(value);
  if (error !== undefined) throw toInBandError(error, rules);
  const wireChoices: unknown = value['choices'];
  if (!Array.isArray(wireChoices) || wireChoices.length === 0) throw invalid('The upstream answer has no choices.');
  const edits: BodyEdits = {};
  const choices = wireChoices.map((wire, place) => readChoice(wire, place));
  if (choices.some((choice, place) => choice !== wireChoices[place])) edits['choices'] = JSON.stringify(choices);
  if (value['object'] !== 'text_completion') edits['object'] = '"text_completion"';
  if (value['model'] !== target.publicModel) edits['model'] = JSON.stringify(target.publicModel);
  const wire = value['usage'];
  const usage = toUsage(wire);
  if (isObject(wire) && usage !== undefined) edits['usage'] = JSON.stringify(toWireUsage(usage, wire));
  return { bytes: answer.splice(edits), texts: choices.map(({ text }) => String(text)), usage };
}

function readChoice(wire: unknown, place: number): WireObject {
  if (!isObject(wire) || typeof wire['text'] !== 'string')
    throw invalid('A choice of the upstream answer has no text.');
  const reason = readFinishReason(wire['finish_reason']);
  if (reason instanceof ProviderError) throw reason;
  const finish_reason = reason ?? 'stop';
  const isSame = wire['index'] === place && wire['finish_reason'] === finish_reason;
  return isSame ? wire : { ...wire, index: wire['index'] ?? place, finish_reason };
}

/** Reads the stream of text completions. One reader per stream. */
class CompletionsStream implements AnswerEventReader {
  private readonly finished = new Set<number>();
  private isOver = false;

  constructor(private readonly rules: ErrorRules | undefined) {}

  push(event: SseEvent): readonly AnswerEvent[] {
    if (this.isOver) return [];
    const value = readEvent(event, this.rules);
    if (!isWire(value)) {
      this.isOver = value.some(({ type }) => type === 'done' || type === 'error');
      return value;
    }
    return this.read(value);
  }

  private read(value: WireObject): readonly AnswerEvent[] {
    const { usage: wire, ...rest } = value;
    const usage = toUsage(wire);
    const told: AnswerEvent[] =
      usage !== undefined && isObject(wire) ? [{ type: 'usage', usage, wire: toWireUsage(usage, wire) }] : [];
    const wireChoices = value['choices'];
    if (!Array.isArray(wireChoices) || wireChoices.length === 0) return told;
    const texts: { choice: number; text: string }[] = [];
    const finished: { choice: number; reason: string }[] = [];
    const choices: WireObject[] = [];
    for (const [place, wireChoice] of wireChoices.entries()) {
      if (!isObject(wireChoice)) continue;
      const choice = indexOf(wireChoice['index'], place);
      // What follows its finish is not part of the answer.
      if (this.finished.has(choice)) continue;
      const reason = readFinishReason(wireChoice['finish_reason']);
      if (reason instanceof ProviderError) {
        this.isOver = true;
        return [...told, { type: 'error', error: reason }];
      }
      const text = typeof wireChoice['text'] === 'string' ? wireChoice['text'] : '';
      texts.push({ choice, text });
      if (reason !== undefined) {
        this.finished.add(choice);
        finished.push({ choice, reason });
      }
      choices.push({ ...wireChoice, text, index: choice, finish_reason: reason ?? null });
    }
    if (choices.length === 0) return told;
    const hasContent = texts.some(({ text }) => text !== '');
    const begun = texts.map(({ choice }) => choice);
    return [{ type: 'event', value: { ...rest, choices }, texts, hasContent, begun, finished }, ...told];
  }
}

function isWire(value: WireObject | readonly AnswerEvent[]): value is WireObject {
  return !Array.isArray(value);
}

function indexOf(index: unknown, place: number): number {
  return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 && index < INDEX_MAX ? index : place;
}
