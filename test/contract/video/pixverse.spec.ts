import { pixverse } from '../../../src/providers/adapters/pixverse/pixverse.provider.js';
import type { VideoRequest } from '../../../src/providers/canonical/video.js';
import { SIMULATED } from '../../simulators/pixverse/pixverse.simulator.js';
import { Simulator } from '../../simulators/simulator.js';
import { describeVideoProvider } from './describe-video-provider.js';
import { SimulatedUpstream } from './simulated-upstream.js';
import { videosOf } from './task-subject.js';
import type { VideoDialect } from './video-contract.js';
import { targetOf } from './video-request.js';

const ID = '318633193768896';
const URL = 'https://media.pixverse.example/v.mp4';

/** A state is a number; a word that is none stands as text. */
const resultOf = (word: string, url: unknown = URL) => ({
  ErrCode: 0,
  ErrMsg: 'Success',
  Resp: { id: Number(ID), status: /^\d+$/.test(word) ? Number(word) : word, url },
});

const dialect = (name: string, model: string): VideoDialect => ({
  name,
  model,
  ref: { id: ID },
  submitText: (id) => `{"ErrCode":0,"ErrMsg":"success","Resp":{"video_id":${id}}}`,
  statusBody: (word) => resultOf(word),
  words: { 1: 'succeeded', 5: 'processing', 6: 'failed', 7: 'failed', 8: 'failed' },
  withoutResult: [resultOf('1', ''), resultOf('1', null), resultOf(''), { ErrCode: 0, ErrMsg: 'Success', Resp: null }],
  hasQueue: false,
});

describeVideoProvider(pixverse, {
  models: [
    'pixverse-v6',
    'pixverse-c1',
    'pixverse-v5.6',
    'pixverse-v5.5',
    'pixverse-v5',
    'pixverse-v4.5',
    'pixverse-v4',
    'pixverse-v3.5',
  ],
  dialects: [dialect('new', 'pixverse-v6'), dialect('old', 'pixverse-v5')],
  simulator: SIMULATED,
});

describe('PixVerse, simulated', () => {
  const target = targetOf('pixverse-v6');
  const videos = videosOf(pixverse);
  const request = videos.requestFor('pixverse-v6');
  let simulator: Simulator;
  let upstream: SimulatedUpstream<VideoRequest>;
  beforeAll(async () => {
    simulator = await Simulator.start(SIMULATED);
    upstream = new SimulatedUpstream(videos, simulator, simulator.credential);
  });
  beforeEach(() => simulator.reset());
  afterAll(() => simulator.close());

  // It answers a repeated id of a request as before.
  it('makes two videos of one prompt that two jobs ask for', async () => {
    const other = { ...request, externalId: `${request.externalId}0` };
    const refs = await Promise.all([upstream.submit(request, target), upstream.submit(other, target)]);
    expect(refs[0]).not.toEqual(refs[1]);
    expect(simulator.paid.total).toBe(2);
  });

  it('is brought the pictures first, by address and as bytes', async () => {
    const image = { kind: 'url', url: 'https://pictures.example/first.png' } as const;
    const lastFrame = { kind: 'bytes', contentType: 'image/png', base64: 'iVBORw0KGgo=' } as const;
    await upstream.submit({ ...request, image }, target);
    await upstream.submit({ ...request, image: lastFrame }, target);
    await upstream.submit({ ...request, image, lastFrame }, target);
    expect(simulator.requests.map(({ path, status }) => [path.replace('/openapi/v2/', ''), status])).toEqual([
      ['image/upload', 200],
      ['video/img/generate', 200],
      ['image/upload', 200],
      ['video/img/generate', 200],
      ['image/upload', 200],
      ['image/upload', 200],
      ['video/transition/generate', 200],
    ]);
    expect(simulator.tasks.list().map(({ family }) => family)).toEqual(['img', 'img', 'transition']);
  });
});
