import { lumaDreamMachine } from '../../../src/providers/adapters/luma-dream-machine/luma-dream-machine.provider.js';
import { SIMULATED } from '../../simulators/luma-dream-machine/luma-dream-machine.simulator.js';
import { describeVideoProvider } from './describe-video-provider.js';

const ID = '123e4567-e89b-12d3-a456-426614174000';

const generation = (state: string, assets: unknown = { video: 'https://storage.example/v.mp4', image: null }) => ({
  id: ID,
  generation_type: 'video',
  state,
  failure_reason: null,
  assets,
});

describeVideoProvider(lumaDreamMachine, {
  models: ['ray-2', 'ray-flash-2'],
  dialects: [
    {
      name: 'dream machine',
      model: 'ray-flash-2',
      ref: { id: ID },
      submitText: (id) => JSON.stringify({ id, state: 'queued', assets: null }),
      statusBody: (word) => generation(word),
      words: { queued: 'queued', dreaming: 'processing', completed: 'succeeded', failed: 'failed' },
      withoutResult: [
        generation('completed', null),
        generation('completed', {}),
        generation('completed', { video: '' }),
        generation('completed', { image: 'https://storage.example/i.jpg' }),
        generation(''),
      ],
    },
  ],
  simulator: SIMULATED,
  isForgottenWhenCalledOff: true,
});
