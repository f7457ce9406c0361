import { luma } from '../../../src/providers/adapters/luma/luma.provider.js';
import { SIMULATED } from '../../simulators/luma/luma.simulator.js';
import { describeImageTasks } from './describe-image-tasks.js';

const ID = '3f0c7a52-91de-4c7e-8a55-0a1b2c3d4e5f';
const URL = 'https://cdn.luma.example/i.png';

const generation = (state: string, output: unknown = [{ type: 'image', url: URL }]) => ({
  id: ID,
  type: 'image',
  state,
  output,
  failure_reason: null,
  failure_code: null,
});

describeImageTasks(luma, {
  models: ['uni-1', 'uni-1-max'],
  dialects: [
    {
      name: 'agents',
      model: 'uni-1',
      ref: { id: ID },
      submitText: (id) => JSON.stringify({ id, state: 'queued', output: [] }),
      statusBody: (word) => generation(word),
      words: { queued: 'queued', processing: 'processing', completed: 'succeeded', failed: 'failed' },
      withoutResult: [
        generation('completed', null),
        generation('completed', []),
        generation('completed', [{ type: 'image', url: '' }]),
        generation('completed', [{ type: 'video', url: URL }]),
        generation(''),
      ],
    },
  ],
  simulator: SIMULATED,
});
