import { runway } from '../../../src/providers/adapters/runway/runway.provider.js';
import { SIMULATED } from '../../simulators/runway/runway.simulator.js';
import type { VideoDialect } from '../video/video-contract.js';
import { describeImageTasks } from './describe-image-tasks.js';

const TASK = '17f20503-6c24-4c16-946b-35dbbce2af2f';

const taskOf = (status: string, output: unknown = ['https://files.example/a.png']) => ({ id: TASK, status, output });

const dialect = (name: string, model: string): VideoDialect => ({
  name,
  model,
  ref: { id: TASK },
  submitText: (id) => JSON.stringify({ id }),
  statusBody: (word) => taskOf(word),
  words: {
    PENDING: 'queued',
    THROTTLED: 'queued',
    RUNNING: 'processing',
    SUCCEEDED: 'succeeded',
    FAILED: 'failed',
    CANCELLED: 'cancelled',
  },
  withoutResult: [taskOf('SUCCEEDED', null), taskOf('SUCCEEDED', []), taskOf('SUCCEEDED', ['']), taskOf('')],
});

describeImageTasks(runway, {
  models: ['gen4_image', 'gen4_image_turbo'],
  dialects: [dialect('text', 'gen4_image'), dialect('picture', 'gen4_image_turbo')],
  simulator: SIMULATED,
  isForgottenWhenCalledOff: true,
});
