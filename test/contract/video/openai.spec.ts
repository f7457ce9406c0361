import { openai } from '../../../src/providers/adapters/openai/openai.provider.js';
import { openaiCompatible } from '../../../src/providers/adapters/openai-compatible/openai-compatible.provider.js';
import { openAiVideoSimulator } from '../../simulators/openai-video.js';
import { describeVideoProvider } from './describe-video-provider.js';
import type { VideoDialect } from './video-contract.js';

const videoOf = (status: string) => ({ id: 'video_1', object: 'video', status, progress: 50, seconds: '4' });

const dialect: VideoDialect = {
  name: 'videos',
  model: 'sora-2',
  ref: { id: 'video_1' },
  submitText: (id) => JSON.stringify({ id, object: 'video', status: 'queued', progress: 0 }),
  statusBody: videoOf,
  words: { queued: 'queued', in_progress: 'processing', completed: 'succeeded', failed: 'failed' },
  // There is no link: without an id there is nothing to ask for.
  withoutResult: [
    { ...videoOf('completed'), id: undefined },
    { ...videoOf('completed'), id: null },
    { ...videoOf('completed'), id: '' },
  ],
};

/** Words of servers that are not OpenAI's own. */
const WORDS: VideoDialect['words'] = {
  ...dialect.words,
  pending: 'queued',
  submitted: 'queued',
  processing: 'processing',
  running: 'processing',
  succeeded: 'succeeded',
  success: 'succeeded',
  expired: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
};

describeVideoProvider(openai, {
  models: ['sora-2', 'sora-2-pro'],
  dialects: [dialect],
  simulator: openAiVideoSimulator,
});

describeVideoProvider(openaiCompatible, {
  models: ['sora-2', 'sora-2-pro', 'veo-3.1', 'kling-v3', 'wan2.6-t2v', 'wan2.6-i2v', 'hunyuan-video'],
  dialects: [
    { ...dialect, words: WORDS },
    { ...dialect, name: 'videos of a picture', model: 'wan2.6-i2v' },
  ],
  simulator: openAiVideoSimulator,
});
