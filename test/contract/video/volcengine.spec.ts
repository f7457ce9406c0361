import { volcengine } from '../../../src/providers/adapters/volcengine/volcengine.provider.js';
import { volcengineSimulator } from '../../simulators/volcengine.js';
import { describeVideoProvider } from './describe-video-provider.js';

const task = (status: string) => ({
  id: 'cgt-1',
  model: 'doubao-seedance-2-0-260128',
  status,
  ...(status === 'succeeded' ? { content: { video_url: 'https://ark-content.example/video.mp4' } } : {}),
  created_at: 1_778_754_737,
  updated_at: 1_778_755_025,
});

describeVideoProvider(volcengine, {
  models: [
    'doubao-seedance-2-5-260628',
    'doubao-seedance-2-0-260128',
    'doubao-seedance-2-0-fast-260128',
    'doubao-seedance-2-0-mini-260615',
    'doubao-seedance-1-5-pro-251215',
    'doubao-seedance-1-0-pro-250528',
    'doubao-seedance-1-0-pro-fast-251015',
    'doubao-seedance-1-0-lite-t2v-250428',
    'doubao-seedance-1-0-lite-i2v-250428',
    'dreamina-seedance-2-5-260628',
    'dreamina-seedance-2-0-260128',
    'dreamina-seedance-2-0-fast-260128',
    'seedance-1-5-pro-251215',
    'seedance-1-0-pro-250528',
  ],
  dialects: [
    {
      name: 'ark',
      model: 'doubao-seedance-2-0-260128',
      ref: { id: 'cgt-1' },
      submitText: (id) => JSON.stringify({ id }),
      statusBody: task,
      words: {
        queued: 'queued',
        running: 'processing',
        succeeded: 'succeeded',
        failed: 'failed',
        cancelled: 'cancelled',
        expired: 'failed',
      },
      withoutResult: [
        { ...task('succeeded'), content: undefined },
        { ...task('succeeded'), content: {} },
        { ...task('succeeded'), content: { video_url: '' } },
        { ...task('succeeded'), content: { last_frame_url: 'https://ark-content.example/last.png' } },
      ],
    },
  ],
  simulator: volcengineSimulator,
  canFindLost: false,
});
