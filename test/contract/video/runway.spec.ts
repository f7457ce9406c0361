import { runway } from '../../../src/providers/adapters/runway/runway.provider.js';
import { SIMULATED } from '../../simulators/runway/runway.simulator.js';
import { describeVideoProvider } from './describe-video-provider.js';
import type { VideoDialect } from './video-contract.js';

const TASK = '17f20503-6c24-4c16-946b-35dbbce2af2f';

const taskOf = (status: string, output: unknown = ['https://files.example/a.mp4']) => ({
  id: TASK,
  status,
  createdAt: '2026-09-19T12:00:00Z',
  output,
});

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
    CANCELED: 'cancelled',
  },
  withoutResult: [taskOf('SUCCEEDED', null), taskOf('SUCCEEDED', []), taskOf('SUCCEEDED', ['']), taskOf('')],
});

describeVideoProvider(runway, {
  models: [
    'gen4.5',
    'gen4_turbo',
    'veo3.1',
    'veo3.1_fast',
    'seedance2',
    'seedance2_fast',
    'seedance2_mini',
    'gemini_omni_flash',
  ],
  dialects: [dialect('text', 'gen4.5'), dialect('picture', 'gen4_turbo'), dialect('hosted', 'veo3.1_fast')],
  simulator: SIMULATED,
  isForgottenWhenCalledOff: true,
});
