import { luma } from '../../../src/providers/adapters/luma/luma.provider.js';
import { SIMULATED } from '../../simulators/luma/luma.simulator.js';
import { describeVideoProvider } from './describe-video-provider.js';

const ID = '3f0c7a52-91de-4c7e-8a55-0a1b2c3d4e5f';
const URL = 'https://cdn.luma.example/v.mp4';

const generation = (state: string, output: unknown = [{ type: 'video', url: URL }]) => ({
  id: ID,
  type: 'video',
  state,
  output,
  failure_reason: null,
  failure_code: null,
});

describeVideoProvider(luma, {
  models: ['ray-3.2'],
  dialects: [
    {
      name: 'agents',
      model: 'ray-3.2',
      ref: { id: ID },
      submitText: (id) => JSON.stringify({ id, state: 'queued', output: [] }),
      statusBody: (word) => generation(word),
      words: { queued: 'queued', processing: 'processing', completed: 'succeeded', failed: 'failed' },
      withoutResult: [
        generation('completed', null),
        generation('completed', []),
        generation('completed', [{ type: 'video', url: '' }]),
        generation('completed', [{ type: 'image', url: URL }]),
        generation(''),
      ],
    },
  ],
  simulator: SIMULATED,
});
