import { ProviderError } from '../../canonical/provider-error.js';
import type { SpeechRequest } from '../../canonical/speech.js';
import type { SpeechOperation, Target, UpstreamBody } from '../../provider.js';
import { AudioStream } from './audio-stream.js';
import type { ErrorRules } from './error-rules.js';
import type { SpeechDialect } from './passed-dialects.js';
import type { BodyEdits } from './vendor.js';

/** `/audio/speech` of a vendor that speaks OpenAI's format. */
export function speechOperation(dialect: SpeechDialect, rules: ErrorRules | undefined): SpeechOperation {
  return {
    path: dialect.path ?? '/audio/speech',
    toBody: (request, target) => toSpeechBody(dialect, request, target),
    ...(dialect.hasEvents === true && { openStream: () => new AudioStream('speech.audio', rules) }),
  };
}

/** @throws ProviderError `unsupported_option` with param `stream_format` for events where there are none. */
function toSpeechBody(dialect: SpeechDialect, request: SpeechRequest, target: Target): UpstreamBody {
  const { source, isEvents } = request;
  if (isEvents && dialect.hasEvents !== true) {
    throw new ProviderError({
      kind: 'unsupported_option',
      message: 'This model gives the bare sound only; leave out "stream_format" or set it to "audio".',
      param: 'stream_format',
      code: 'unsupported_value',
    });
  }
  const edits: BodyEdits = {};
  const droppedParams: string[] = [];
  if (source.value['model'] !== target.upstreamModel) edits['model'] = JSON.stringify(target.upstreamModel);
  if (source.has('user_identifier')) edits['user_identifier'] = undefined;
  // "audio" is what such a vendor does anyway.
  if (dialect.hasEvents !== true && source.has('stream_format')) edits['stream_format'] = undefined;
  for (const name of dialect.refusedFields ?? []) {
    if (!source.has(name)) continue;
    edits[name] = undefined;
    if (source.value[name] !== null) droppedParams.push(name);
  }
  return { body: source.splice(edits), droppedParams, isStream: isEvents };
}
