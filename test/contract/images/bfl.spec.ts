import { bfl } from '../../../src/providers/adapters/bfl/bfl.provider.js';
import { SIMULATED } from '../../simulators/bfl/bfl.simulator.js';
import type { VideoDialect } from '../video/video-contract.js';
import { describeImageTasks } from './describe-image-tasks.js';

const ID = '6d0ebd3e-8f0f-4b1c-9b0e-0a1b2c3d4e5f';
const POLLING_URL = 'https://api.eu1.bfl.ai/v1/get_result?id=';

const statusOf = (word: unknown, result: unknown) => ({ id: ID, status: word, result });

const dialect: VideoDialect = {
  name: 'flux',
  model: 'flux-2-pro',
  ref: { id: ID, url: POLLING_URL + ID },
  submitText: (id) => JSON.stringify({ id, polling_url: POLLING_URL + id }),
  statusBody: (word) => statusOf(word, { sample: 'https://delivery.eu1.bfl.ai/sample.jpeg' }),
  words: {
    Pending: 'processing',
    Ready: 'succeeded',
    Error: 'failed',
    Failed: 'failed',
    'Request Moderated': 'failed',
    'Content Moderated': 'failed',
    'Task not found': 'failed',
  },
  withoutResult: [
    statusOf('Ready', null),
    statusOf('Ready', {}),
    statusOf('Ready', { sample: '' }),
    statusOf('Ready', { sample: 7 }),
    statusOf('', null),
  ],
  hasQueue: false,
};

describeImageTasks(bfl, {
  models: [
    'flux-pro-1.1',
    'flux-pro-1.1-ultra',
    'flux-dev',
    'flux-kontext-pro',
    'flux-kontext-max',
    'flux-2-pro',
    'flux-2-max',
    'flux-2-flex',
    'flux-2-klein-9b',
  ],
  dialects: [dialect],
  simulator: SIMULATED,
});
