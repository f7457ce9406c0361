import type { TaskAnswer, TaskRef } from '../../canonical/video.js';
import type { LostSubmission } from '../../provider.js';
import { arkVideo } from './ark-video.js';

const SENT_AT_S = 1_700_000_000;
const request = {
  prompt: 'A cat.',
  durationSeconds: 5,
  resolution: '720p',
  hasAudio: false,
  count: 1,
  options: {},
  externalId: 'job_1',
};
const lost: LostSubmission = { request, sentAtMs: SENT_AT_S * 1_000 };
const answer = (body: unknown, status = 200): TaskAnswer => ({
  status,
  headers: {},
  body: Buffer.from(JSON.stringify(body)),
});
const task = (id: string, afterS: number) => ({ id, status: 'running', created_at: SENT_AT_S + afterS });

describe('the look for a lost task at Ark', () => {
  const MODEL = 'doubao-seedance-2-0-260128';
  const look = (upstreamModel: string, known: readonly string[], ...items: object[]) => {
    const isKnown = (ref: TaskRef) => known.includes(String(ref['id']));
    const target = { upstreamModel, publicModel: 'm' };
    return arkVideo.lookup?.fromAnswer(answer({ total: items.length, items }), lost, isKnown, target);
  };

  it("says that there is none when every task since is another job's", () => {
    expect(look(MODEL, ['a', 'b'], task('a', 3), task('b', 1), task('c', -3_600))).toBe('absent');
  });

  it('takes no stranger for ours, and does not deny that it may be', () => {
    expect(look(MODEL, ['b'], task('a', 3), task('b', 1))).toBe('unsure');
  });

  it.each([
    [MODEL, 'doubao-seedance-1-5-pro-251215', 'absent'],
    [MODEL, 'doubao-seedance-2-0-fast-260128', 'absent'],
    [MODEL, 'doubao-seedance-2-0', 'unsure'],
    ['doubao-seedance-2-0', MODEL, 'unsure'],
    [MODEL.toUpperCase(), MODEL, 'unsure'],
    [MODEL, 'ep-20260514183217-t8rzv', 'unsure'],
    ['ep-20260514183217-t8rzv', MODEL, 'unsure'],
    [MODEL, undefined, 'unsure'],
  ])('of %s when there is a task of %s is %s', (wanted, model, found) => {
    expect(look(wanted, [], { ...task('a', 3), model })).toBe(found);
  });

  it('takes a list that cannot be read for no list', () => {
    const target = { upstreamModel: MODEL, publicModel: 'm' };
    const read = () => arkVideo.lookup?.fromAnswer(answer({ total: 3 }), lost, () => false, target);
    expect(read).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
  });
});

describe('videos at Ark', () => {
  it.each(['ep-20260514183217-t8rzv', 'doubao-seed-2-0-pro', 'doubao-seedream-4-0', 'seedance'])(
    'are not known to come from %s',
    (name) => {
      expect(arkVideo.modelOf(name)).toBeUndefined();
    },
  );

  it('are expected of a model that came later, as far as all models go', () => {
    const model = arkVideo.modelOf('doubao-seedance-3-0-270101');
    expect(model).toMatchObject({ durations: { min: 4, max: 12 }, resolutions: ['480p', '720p'] });
  });

  it('are told whether to have sound where an endpoint does not tell its model', () => {
    const call = arkVideo.toSubmit(request, { upstreamModel: 'ep-1', publicModel: 'm' });
    expect(JSON.parse(String(call.body))).toMatchObject({ model: 'ep-1', generate_audio: false });
  });

  it('let a prompt alone that only looks like settings where settings have no say', () => {
    const prompt = 'A terminal shows ls --seed 11';
    expect(arkVideo.modelOf('doubao-seedance-2-0-260128')?.refusal?.({ ...request, prompt })).toBeUndefined();
    expect(arkVideo.modelOf('doubao-seedance-1-0-pro-250528')?.refusal?.({ ...request, prompt })).toMatchObject({
      param: 'prompt',
    });
  });

  it('are called off by a DELETE that says nothing', () => {
    const ref = { id: 'cgt-1' };
    const path = '/contents/generations/tasks/cgt-1';
    expect(arkVideo.cancel?.toCall(ref)).toEqual({ method: 'DELETE', path });
    expect(arkVideo.cancel?.fromAnswer(answer({}), ref)).toBeUndefined();
    const empty = { status: 204, headers: {}, body: new Uint8Array() };
    expect(arkVideo.cancel?.fromAnswer(empty, ref)).toBeUndefined();
  });

  it('do not end because a model or an endpoint is missing', () => {
    const error = { error: { code: 'InvalidEndpointOrModel.NotFound', message: 'no such endpoint' } };
    const read = () => arkVideo.fromStatus(answer(error, 404), { id: 'cgt-1' });
    expect(read).toThrow(expect.objectContaining({ kind: 'model_missing' }));
  });
});
