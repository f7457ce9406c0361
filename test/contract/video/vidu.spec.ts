import { vidu } from '../../../src/providers/adapters/vidu/vidu.provider.js';
import { SIMULATED } from '../../simulators/vidu/vidu.simulator.js';
import { describeVideoProvider } from './describe-video-provider.js';
import type { VideoDialect } from './video-contract.js';

const TASK = '833201000000000001';
const URL = 'https://prod-ss-vidu.example/a.mp4';

const taskOf = (state: string, creations: unknown = [{ id: '1', url: URL, watermarked_url: '' }]) => ({
  id: TASK,
  state,
  err_code: '',
  creations,
});

const dialect = (name: string, model: string): VideoDialect => ({
  name,
  model,
  ref: { id: TASK },
  submitText: (id) => JSON.stringify({ task_id: id, state: 'created', credits: 10 }),
  statusBody: (word) => taskOf(word),
  words: { created: 'queued', queueing: 'queued', processing: 'processing', success: 'succeeded', failed: 'failed' },
  withoutResult: [
    taskOf('success', null),
    taskOf('success', []),
    taskOf('success', [{ id: '1', url: '' }]),
    taskOf('success', [{ id: '1', watermarked_url: URL }]),
    taskOf(''),
  ],
});

describeVideoProvider(vidu, {
  models: ['viduq3-pro', 'viduq3-turbo', 'viduq2', 'viduq2-pro', 'viduq2-turbo', 'viduq1', 'vidu2.0', 'vidu1.5'],
  dialects: [dialect('text', 'viduq3-turbo'), dialect('picture', 'viduq2-pro')],
  simulator: SIMULATED,
  isCallbackBodySigned: false,
});
