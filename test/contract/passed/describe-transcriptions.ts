import { TRANSCRIPT_FORMATS, type TranscriptionRequest } from '../../../src/providers/canonical/transcriptions.js';
import type { Provider } from '../../../src/providers/provider.js';
import { resolvePath } from '../../../src/providers/resolve-path.js';
import { deepFreeze } from '../deep-freeze.js';
import { targetOf } from './describe-body-requests.js';
import { describePassedErrors } from './describe-passed-errors.js';
import { describePassedStreams } from './describe-passed-streams.js';
import { bytesOf, type PassedFixtures, type PassedGolden } from './passed-fixtures.js';

const OPTIONS = {
  language: 'de',
  prompt: 'p',
  temperature: '0',
  'include[]': 'logprobs',
  'timestamp_granularities[]': 'word',
  chunking_strategy: 'auto',
  an_option_of_tomorrow: '1',
};
type Fields = Readonly<Record<string, unknown>>;

/** A request as the relay reads it out of an upload. */
function requestOf(asked: Fields, task: TranscriptionRequest['task'] = 'transcribe'): TranscriptionRequest {
  const fields = Object.entries({ model: 'public-1', ...asked }).flatMap(([name, value]) =>
    [value].flat().map((each) => ({ name, value: String(each) })),
  );
  const request: TranscriptionRequest = {
    model: 'public-1',
    task,
    format: TRANSCRIPT_FORMATS.find((format) => format === asked['response_format']) ?? 'json',
    isStream: asked['stream'] === 'true',
    fields,
    fileBytes: 1000,
    soundMs: undefined,
  };
  deepFreeze(request);
  return request;
}

/** The promises that every provider of transcriptions keeps. */
export function describeTranscriptions(provider: Provider, fixtures: PassedFixtures): void {
  const operation = provider.transcriptions!;
  const { requests, answers, streams, errors } = fixtures;
  const asked = requestOf({});
  /** The form as the upstream gets it, a field given more than once as a list. */
  const send = ({ asked: members, task, upstreamModel }: Pick<PassedGolden, 'asked' | 'task' | 'upstreamModel'>) => {
    const request = requestOf(members, task);
    const { fields: edits, droppedParams } = operation.toFields(request, targetOf(upstreamModel));
    const form: Record<string, string | readonly string[]> = {};
    const kept = request.fields.filter(({ name }) => !Object.hasOwn(edits, name));
    for (const name of new Set(kept.map((field) => field.name))) {
      const values = kept.filter((field) => field.name === name).map(({ value }) => value);
      form[name] = values.length === 1 ? values[0]! : values;
    }
    for (const [name, value] of Object.entries(edits)) if (value !== undefined) form[name] = value;
    return { form, droppedParams };
  };
  const read = (body: unknown, contentType: string, members: Fields = {}) =>
    operation.fromBody(bytesOf(body), contentType, requestOf(members));

  it('has golden requests', () => expect(requests.length).toBeGreaterThan(0));

  it.each(requests)('translates $name', (golden) => {
    const { expect: expected, task, upstreamModel } = golden;
    if (expected.refused !== undefined) {
      expect(() => send(golden)).toThrow(expect.objectContaining({ kind: 'unsupported_option', ...expected.refused }));
      return;
    }
    const sent = send(golden);
    expect(sent.form).toEqual(listsOfOneAsValues(expected.body));
    expect(sent.droppedParams).toEqual(expected.droppedParams ?? []);
    expect(send(golden)).toEqual(sent);
    if (expected.path === undefined) return;
    const path = task === 'translate' ? operation.translationsPath : operation.path;
    expect(resolvePath(path!, { target: targetOf(upstreamModel), basePath: '' }, false)).toBe(expected.path);
  });

  it('sends or names every option, and never drops one in silence', () => {
    for (const [name, value] of Object.entries(OPTIONS)) {
      const { form, droppedParams } = send({ asked: { [name]: value } });
      const isNamed = droppedParams.includes(name.replace('[]', ''));
      expect([name, form[name]]).toEqual([name, isNamed ? undefined : value]);
    }
  });

  it('writes every format, or refuses it by name', () => {
    for (const format of TRANSCRIPT_FORMATS) {
      try {
        send({ asked: { response_format: format } });
      } catch (error) {
        expect(error).toMatchObject({ kind: 'unsupported_option', param: 'response_format' });
      }
    }
  });

  it('gives streams exactly where it does not refuse them', () => {
    const ask = () => send({ asked: { stream: 'true' } });
    if (operation.openStream === undefined)
      expect(ask).toThrow(expect.objectContaining({ kind: 'unsupported_option', param: 'stream' }));
    else expect(ask().form['stream']).toBe('true');
  });

  it.each(answers)('reads $name', ({ body, contentType, asked: members, expect: expected }) => {
    const answer = read(body, contentType, members);
    expect(answer.text).toBe(expected.text);
    expect(answer.usage ?? null).toEqual(expected.usage);
    const isJson = String(members?.['response_format'] ?? 'json').endsWith('json');
    expect(answer.contentType).toMatch(isJson ? /^application\/json$/ : /^text\/plain/);
    const shown = Buffer.from(answer.bytes).toString();
    if (isJson) expect(JSON.parse(shown)).toEqual(body);
    else expect(shown).toBe(expected.text);
    expect(read(body, contentType, members)).toEqual(answer);
  });

  const objects = answers.filter(({ body }) => typeof body === 'object');
  it.each(objects)('says nothing of usage when $name has none', ({ body, contentType, asked: members }) => {
    const { usage: _, duration: _length, ...rest } = body as Record<string, unknown>;
    expect(read(rest, contentType, members).usage).toBeUndefined();
  });

  it.each(objects)('takes $name for no answer when it is cut', ({ body, contentType, asked: members }) => {
    const bytes = bytesOf(body);
    for (let at = 0; at < bytes.length; at++)
      expect(() => operation.fromBody(bytes.subarray(0, at), contentType, requestOf(members ?? {}))).toThrow(
        expect.objectContaining({ kind: 'invalid_response' }),
      );
  });

  it('refuses what is not an answer', () => {
    for (const body of ['', '<!doctype html><html></html>', '[]', '"text"', '{}', '{"text":null}'])
      expect(() => read(body, 'application/json')).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
  });

  if (operation.openStream !== undefined)
    describePassedStreams(streams, {
      open: ({ asked: members }) => operation.openStream!(targetOf(), requestOf({ ...members, stream: 'true' })),
      endPattern: /"transcript\.text\.done"/,
    });
  describePassedErrors(provider, errors, (body) => operation.fromBody(body, 'application/json', asked));
}

function listsOfOneAsValues(body: unknown): unknown {
  return Object.fromEntries(
    Object.entries(body as Fields).map(([name, value]) => [
      name,
      Array.isArray(value) && value.length === 1 ? value[0] : value,
    ]),
  );
}
