import { fal } from '../../../src/providers/adapters/fal/fal.provider.js';
import { SIMULATED } from '../../simulators/fal/fal.simulator.js';
import { falPublicKey } from '../../simulators/fal/fal-callback.js';
import type { VideoDialect } from '../video/video-contract.js';
import { describeImageTasks } from './describe-image-tasks.js';

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
    { images: null },
    { images: [] },
    { images: [{ width: 1, height: 1 }] },
    { images: [{ url: '' }] },
    { images: [{ url: 'https://v3.fal.media/a.jpg' }, null] },
  ],
});

describeImageTasks(fal, {
  models: [
    'fal-ai/flux/dev',
    'fal-ai/flux/schnell',
    'fal-ai/flux-pro/v1.1',
    'fal-ai/flux-pro/v1.1-ultra',
    'fal-ai/flux-pro/kontext',
    'fal-ai/qwen-image',
    'fal-ai/bytedance/seedream/v4/text-to-image',
    'fal-ai/bytedance/seedream/v4/edit',
    'fal-ai/nano-banana',
    'fal-ai/nano-banana/edit',
  ],
  dialects: [
    dialect('of texts', 'fal-ai/flux/dev', 'fal-ai/flux'),
    dialect('of a picture', 'fal-ai/flux-pro/kontext', 'fal-ai/flux-pro'),
    dialect('of pictures', 'fal-ai/bytedance/seedream/v4/edit', 'fal-ai/bytedance'),
  ],
  simulator: SIMULATED,
  toCallbackSecret: falPublicKey,
});
