import { zhipu } from '../../../src/providers/adapters/zhipu/zhipu.provider.js';
import { SIMULATED } from '../../simulators/zhipu/zhipu.simulator.js';
import { describeVideoProvider } from './describe-video-provider.js';

const ID = '20260818102501423653886863409e';
const URL = 'https://aigc-files.bigmodel.cn/api/cogvideo/x.mp4';
const statusOf = (word: string, result: unknown = [{ url: URL, cover_image_url: `${URL}.png` }]) => ({
  model: 'cogvideox-3',
  request_id: ID,
  id: ID,
  task_status: word,
  video_result: result,
});

describeVideoProvider(zhipu, {
  models: ['cogvideox-3', 'cogvideox-2', 'cogvideox-flash', 'viduq1-text', 'viduq1-image', 'vidu2-image'],
  dialects: [
    {
      name: 'CogVideoX',
      model: 'cogvideox-3',
      ref: { id: ID },
      submitText: (id) => `{"model":"cogvideox-3","id":"${id}","request_id":"r1","task_status":"PROCESSING"}`,
      statusBody: statusOf,
      words: { PROCESSING: 'processing', SUCCESS: 'succeeded', FAIL: 'failed' },
      withoutResult: [
        statusOf('SUCCESS', null),
        statusOf('SUCCESS', []),
        statusOf('SUCCESS', [{ url: '' }]),
        statusOf('SUCCESS', [{ cover_image_url: URL }]),
      ],
      hasQueue: false,
    },
  ],
  simulator: SIMULATED,
});
