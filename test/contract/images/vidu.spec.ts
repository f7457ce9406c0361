import { vidu } from '../../../src/providers/adapters/vidu/vidu.provider.js';
import { SIMULATED } from '../../simulators/vidu/vidu.simulator.js';
import type { VideoDialect } from '../video/video-contract.js';
import { describeImageTasks } from './describe-image-tasks.js';

const TASK = '833201000000000001';

const taskOf = (state: string, creations: unknown = [{ id: '1', url: 'https://prod-ss-vidu.example/a.png' }]) => ({
  id: TASK,
  state,
  err_code: '',
  creations,
});

const dialect = (name: string, model: string): VideoDialect => ({
  name,
  model,
  ref: { id: TASK },
  submitText: (id) => JSON.stringify({ task_id: id, state: 'created', credits: 2 }),
  statusBody: (word) => taskOf(word),
  words: { created: 'queued', queueing: 'queued', processing: 'processing', success: 'succeeded', failed: 'failed' },
  withoutResult: [
    taskOf('success', null),
    taskOf('success', []),
    taskOf('success', [{ id: '1', url: '' }]),
    taskOf(''),
  ],
});

describeImageTasks(vidu, {
  models: ['viduq2', 'viduq1'],
  dialects: [dialect('text', 'viduq2'), dialect('pictures', 'viduq1')],
  simulator: SIMULATED,
  isCallbackBodySigned: false,
});
