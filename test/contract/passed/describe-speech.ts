import type { Provider } from '../../../src/providers/provider.js';
import { validateSpeech } from '../../../src/relay/passed/validate-speech.js';
import { deepFreeze } from '../deep-freeze.js';
import { describeBodyRequests, targetOf } from './describe-body-requests.js';
import { describePassedErrors } from './describe-passed-errors.js';
import { describePassedStreams } from './describe-passed-streams.js';
import { bytesOf, type PassedFixtures } from './passed-fixtures.js';

const PLAIN = '{ "model" :"public-1",\n\t"input":"h\\u00e9llo 世界" , "voice":"v", "speed": 1E0 }';
const LEAST = { input: 'a', voice: 'v' };
const OPTIONS = {
  response_format: 'wav',
  speed: 2,
  instructions: 'cheerful',
  sample_rate: 8000,
  an_option_of_tomorrow: 1,
};

function requestOf(asked: Readonly<Record<string, unknown>>, bytes = bytesOf({ model: 'public-1', ...asked })) {
  const { request } = validateSpeech(bytes);
  deepFreeze(request.source.value);
  return request;
}

/** The promises that every provider of speech keeps. The sound itself passes through the relay, which has tests of its own. */
export function describeSpeech(provider: Provider, { requests, streams, errors }: PassedFixtures): void {
  const operation = provider.speech!;

  describeBodyRequests(requests, {
    path: operation.path,
    translate: (members, target) => operation.toBody(requestOf(members), target),
    passed: { text: PLAIN, translate: (bytes, target) => operation.toBody(requestOf({}, bytes), target) },
    least: LEAST,
    options: OPTIONS,
  });

  it('gives events exactly where it does not refuse them', () => {
    const ask = () => operation.toBody(requestOf({ ...LEAST, stream_format: 'sse' }), targetOf());
    if (operation.openStream === undefined)
      expect(ask).toThrow(expect.objectContaining({ kind: 'unsupported_option', param: 'stream_format' }));
    else expect(ask().isStream).toBe(true);
  });

  if (operation.openStream !== undefined)
    describePassedStreams(streams, {
      open: () => operation.openStream!(targetOf(), requestOf({ ...LEAST, stream_format: 'sse' })),
      endPattern: /"speech\.audio\.done"/,
    });
  describePassedErrors(provider, errors, () => {
    throw new Error('A failure of speech has a status.');
  });
}
