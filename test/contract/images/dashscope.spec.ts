import { dashscope } from '../../../src/providers/adapters/dashscope/dashscope.provider.js';
import { dashscopeSimulator } from '../../simulators/dashscope.js';
import type { VideoDialect } from '../video/video-contract.js';
import { describeImageTasks } from './describe-image-tasks.js';
import { describeImages } from './describe-images.js';

const TASK = '0385dc79-5ff8-4d82-bcb6-0a1b2c3d4e5f';

const statusOf = (
  word: string,
  output: object = { results: [{ url: 'https://results.example/0.png?Expires=1' }] },
) => ({
  request_id: '4909100c',
  output: { task_id: TASK, task_status: word, ...output },
});

const dialect: VideoDialect = {
  name: 'text2image',
  model: 'wan2.2-t2i-flash',
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
  withoutResult: [
    statusOf('SUCCEEDED', {}),
    statusOf('SUCCEEDED', { results: [] }),
    statusOf('SUCCEEDED', { results: [{ url: '' }] }),
    statusOf('', {}),
  ],
};

describeImageTasks(dashscope, {
  models: [
    'wanx2.0-t2i-turbo',
    'wanx2.1-t2i-turbo',
    'wanx2.1-t2i-plus',
    'wan2.2-t2i-flash',
    'wan2.2-t2i-plus',
    'wan2.5-t2i-preview',
  ],
  dialects: [dialect],
  simulator: dashscopeSimulator,
});

describeImages(dashscope, [
  'qwen-image',
  'qwen-image-plus',
  'qwen-image-max',
  'qwen-image-2.0',
  'qwen-image-3.0-pro',
  'qwen-image-edit',
  'qwen-image-edit-plus',
  'wan2.6-t2i',
  'z-image-turbo',
]);
