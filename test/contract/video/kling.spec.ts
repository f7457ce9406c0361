import { kling } from '../../../src/providers/adapters/kling/kling.provider.js';
import { simulatedKling } from '../../simulators/kling/kling.js';
import { describeVideoProvider } from './describe-video-provider.js';
import type { VideoDialect } from './video-contract.js';

const CLASSIC_ID = '867283741759111202';
const THREE_ID = '901930004609634393';
const URL = 'https://videos.example/x.mp4';

const classic: VideoDialect = {
  name: 'classic',
  model: 'kling-v2-6',
  ref: { path: '/v1/videos/text2video', id: CLASSIC_ID },
  submitText: (id) => `{"code":0,"message":"SUCCEED","data":{"task_id":"${id}","task_status":"submitted"}}`,
  statusBody: (word) => classicBody(word, { videos: [{ url: URL, duration: '5.0' }] }),
  words: { submitted: 'queued', processing: 'processing', succeed: 'succeeded', failed: 'failed' },
  withoutResult: [
    classicBody('succeed', undefined),
    classicBody('succeed', {}),
    classicBody('succeed', { videos: [] }),
    classicBody('succeed', { videos: [{ id: '1', url: '', duration: '5.0' }] }),
    classicBody('succeed', { videos: [{ url: URL }, { id: '2' }] }),
  ],
};

const three: VideoDialect = {
  name: '3.x',
  model: 'kling-3.0',
  ref: { id: THREE_ID },
  submitText: (id) => `{"code":0,"message":"SUCCEED","data":{"id":"${id}","status":"submitted"}}`,
  statusBody: (word) => threeBody(word, [{ type: 'video', url: URL, duration: '5' }]),
  words: { submitted: 'queued', processing: 'processing', succeeded: 'succeeded', failed: 'failed' },
  withoutResult: [
    threeBody('succeeded', undefined),
    threeBody('succeeded', []),
    threeBody('succeeded', [{ type: 'video', url: null }]),
    threeBody('succeeded', [{ type: 'image', url: URL }]),
  ],
};

const models = [
  'kling-v1',
  'kling-v1-5',
  'kling-v1-6',
  'kling-v2-master',
  'kling-v2-1',
  'kling-v2-1-master',
  'kling-v2-5-turbo',
  'kling-v2-6',
  'kling-v3',
  'kling-v3-omni',
  'kling-video-o1',
  'kling-3.0',
  'kling-3.0-turbo',
  'kling-3.0-omni',
];

describeVideoProvider(kling, {
  models,
  dialects: [classic, three],
  simulator: simulatedKling(),
  credentials: ['ak-test:sk-test', 'api-key-1'],
});

describe('Kling where GET /tasks gives an object', () => {
  describeVideoProvider(kling, { models, dialects: [three], simulator: simulatedKling('object') });
});

function classicBody(word: string, result: unknown) {
  return { code: 0, data: { task_id: CLASSIC_ID, task_status: word, task_status_msg: '', task_result: result } };
}

function threeBody(word: string, outputs: unknown) {
  return { code: 0, data: [{ id: THREE_ID, status: word, message: '', outputs }] };
}
