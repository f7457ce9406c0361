import { fal } from '../../../src/providers/adapters/fal/fal.provider.js';
import { SIMULATED } from '../../simulators/fal/fal.simulator.js';
import { falPublicKey } from '../../simulators/fal/fal-callback.js';
import { describeVideoProvider } from './describe-video-provider.js';
import type { VideoDialect } from './video-contract.js';

const ID = '764cabcf-b745-4b3e-ae38-1200304cf45b';

const dialect = (name: string, model: string, app: string): VideoDialect => ({
  name,
  model,
  ref: { app, id: ID },
  resultRef: { app, id: ID, isOver: true },
  submitText: (id) => {
    const url = `https://queue.fal.run/${app}/requests/${id}`;
    return JSON.stringify({ status: 'IN_QUEUE', request_id: id, response_url: url, status_url: `${url}/status` });
  },
  statusBody: (word) => ({ status: word, request_id: ID, logs: null }),
  words: { IN_QUEUE: 'queued', IN_PROGRESS: 'processing', COMPLETED: 'follow' },
  withoutResult: [
    { seed: 1 },
    { video: null },
    { video: {} },
    { video: { url: '' } },
    { video: { url: 'no address' } },
    { videos: [] },
    { videos: [{ url: 'https://v3.fal.media/x.mp4' }, {}] },
  ],
});

describeVideoProvider(fal, {
  models: [
    'fal-ai/kling-video/v2.5-turbo/pro/text-to-video',
    'fal-ai/kling-video/v2.5-turbo/pro/image-to-video',
    'fal-ai/kling-video/v2.6/pro/text-to-video',
    'fal-ai/kling-video/v2.6/pro/image-to-video',
    'fal-ai/kling-video/v3/pro/text-to-video',
    'fal-ai/kling-video/v3/pro/image-to-video',
    'fal-ai/veo3.1',
    'fal-ai/veo3.1/fast',
    'fal-ai/veo3.1/image-to-video',
    'fal-ai/veo3.1/fast/image-to-video',
    'fal-ai/bytedance/seedance/v1/pro/text-to-video',
    'fal-ai/bytedance/seedance/v1/pro/image-to-video',
    'fal-ai/bytedance/seedance/v1.5/pro/text-to-video',
    'fal-ai/bytedance/seedance/v1.5/pro/image-to-video',
    'fal-ai/minimax/hailuo-02/standard/text-to-video',
    'fal-ai/minimax/hailuo-02/standard/image-to-video',
    'fal-ai/minimax/hailuo-2.3/standard/text-to-video',
    'fal-ai/vidu/q3/text-to-video',
    'fal-ai/vidu/q3/image-to-video',
    'fal-ai/pixverse/v5/text-to-video',
    'fal-ai/pixverse/v5/image-to-video',
    'fal-ai/pika/v2.2/text-to-video',
    'fal-ai/pika/v2.2/image-to-video',
  ],
  dialects: [
    dialect('the length a text', 'fal-ai/kling-video/v2.5-turbo/pro/text-to-video', 'fal-ai/kling-video'),
    dialect('the length with its unit', 'fal-ai/veo3.1', 'fal-ai/veo3.1'),
    dialect('the length a number', 'fal-ai/vidu/q3/text-to-video', 'fal-ai/vidu'),
    dialect('a picture', 'fal-ai/minimax/hailuo-02/standard/image-to-video', 'fal-ai/minimax'),
  ],
  simulator: SIMULATED,
  toCallbackSecret: falPublicKey,
});
