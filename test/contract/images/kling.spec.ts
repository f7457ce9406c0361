import { kling } from '../../../src/providers/adapters/kling/kling.provider.js';
import { simulatedKling } from '../../simulators/kling/kling.js';
import type { VideoDialect } from '../video/video-contract.js';
import { describeImageTasks } from './describe-image-tasks.js';

const ID = '867283741759111202';
const URL = 'https://pictures.example/x.png';

const statusOf = (word: string, result: unknown) => ({
  code: 0,
  data: { task_id: ID, task_status: word, task_status_msg: '', task_result: result },
});

const dialect: VideoDialect = {
  name: 'images',
  model: 'kling-v2-1',
  ref: { path: '/v1/images/generations', id: ID },
  submitText: (id) => `{"code":0,"message":"SUCCEED","data":{"task_id":"${id}","task_status":"submitted"}}`,
  statusBody: (word) => statusOf(word, { images: [{ index: 0, url: URL }] }),
  words: { submitted: 'queued', processing: 'processing', succeed: 'succeeded', failed: 'failed' },
  withoutResult: [
    statusOf('succeed', undefined),
    statusOf('succeed', {}),
    statusOf('succeed', { images: [] }),
    statusOf('succeed', { images: [{ index: 0, url: '' }] }),
    statusOf('succeed', { images: [{ index: 0, url: URL }, { index: 1 }] }),
    statusOf('succeed', { videos: [{ url: URL }] }),
  ],
};

describeImageTasks(kling, {
  models: ['kling-v1', 'kling-v1-5', 'kling-v2', 'kling-v2-new', 'kling-v2-1'],
  dialects: [dialect],
  simulator: simulatedKling(),
  credentials: ['ak-test:sk-test', 'api-key-1'],
});
