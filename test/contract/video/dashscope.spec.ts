import { dashscope } from '../../../src/providers/adapters/dashscope/dashscope.provider.js';
import { dashscopeSimulator } from '../../simulators/dashscope.js';
import { describeVideoProvider } from './describe-video-provider.js';
import type { VideoDialect } from './video-contract.js';

const TASK = '0385dc79-5ff8-4d82-bcb6-0a1b2c3d4e5f';

const statusOf = (word: string, output: object = { video_url: 'https://results.example/video.mp4?Expires=1' }) => ({
  request_id: '4909100c',
  output: { task_id: TASK, task_status: word, ...output },
});

const dialect = (name: string, model: string): VideoDialect => ({
  name,
  model,
  ref: { id: TASK },
  submitText: (id) => JSON.stringify({ output: { task_status: 'PENDING', task_id: id }, request_id: '4909100c' }),
  statusBody: statusOf,
  words: {
    PENDING: 'queued',
    SUSPENDED: 'queued',
    RUNNING: 'processing',
    SUCCEEDED: 'succeeded',
    FAILED: 'failed',
    CANCELED: 'cancelled',
    UNKNOWN: 'failed',
  },
  withoutResult: [statusOf('SUCCEEDED', {}), statusOf('SUCCEEDED', { video_url: '' }), statusOf('', {})],
});

describeVideoProvider(dashscope, {
  models: [
    'wan2.5-t2v-preview',
    'wan2.5-i2v-preview',
    'wan2.6-t2v',
    'wan2.6-i2v',
    'wan2.6-i2v-flash',
    'wan2.7-t2v',
    'wan2.7-t2v-2026-06-12',
    'wan2.7-i2v',
    'wan3.0-video',
    'wan3.0-video-prime',
    'wan2.2-kf2v-flash',
    'wanx2.1-kf2v-plus',
  ],
  dialects: [
    dialect('size', 'wan2.6-t2v'),
    dialect('image', 'wan2.6-i2v'),
    dialect('frames', 'wan2.2-kf2v-flash'),
    dialect('media', 'wan2.7-i2v'),
    dialect('ratio', 'wan2.7-t2v'),
    dialect('one model for all', 'wan3.0-video'),
  ],
  simulator: dashscopeSimulator,
});
