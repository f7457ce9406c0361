import { replicate } from '../../../src/providers/adapters/replicate/replicate.provider.js';
import { SIMULATED } from '../../simulators/replicate/replicate.simulator.js';
import type { VideoDialect } from '../video/video-contract.js';
import { describeImageTasks } from './describe-image-tasks.js';

const ID = 'q8rsdv3600rj0csv3r8b2zamv0';
const URL = 'https://replicate.delivery/xezq/x/out-0.webp';
const prediction = (status: string, output: unknown = [URL]) => ({
  id: ID,
  status,
  output: status === 'succeeded' ? output : null,
  error: null,
  data_removed: false,
});

const dialect = (name: string, model: string): VideoDialect => ({
  name,
  model,
  ref: { id: ID },
  submitText: (id) => `{"id":"${id}","status":"starting","output":null,"error":null}`,
  statusBody: (word) => prediction(word),
  words: {
    starting: 'queued',
    processing: 'processing',
    succeeded: 'succeeded',
    failed: 'failed',
    canceled: 'cancelled',
    aborted: 'failed',
  },
  withoutResult: [prediction('succeeded', null), prediction('succeeded', []), prediction('succeeded', [URL, ''])],
});

describeImageTasks(replicate, {
  models: [
    'black-forest-labs/flux-schnell',
    'black-forest-labs/flux-dev',
    'black-forest-labs/flux-1.1-pro',
    'black-forest-labs/flux-kontext-pro',
    'google/imagen-4',
    'recraft-ai/recraft-v3',
  ],
  dialects: [
    dialect('a list of addresses', 'black-forest-labs/flux-schnell'),
    dialect('one address', 'black-forest-labs/flux-1.1-pro'),
  ],
  simulator: SIMULATED,
  canFindLost: false,
});
