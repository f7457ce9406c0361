import { replicate } from '../../../src/providers/adapters/replicate/replicate.provider.js';
import { SIMULATED } from '../../simulators/replicate/replicate.simulator.js';
import { describeVideoProvider } from './describe-video-provider.js';
import type { VideoDialect } from './video-contract.js';

const ID = 'q8rsdv3600rj0csv3r8b2zamv0';
const URL = 'https://replicate.delivery/xezq/x/tmp.mp4';
const VERSION = '78c1986fecf4df185593bbf148a0ed5b4b18b7e0e0f34cc3e32c68cdfa9536ba';
const prediction = (status: string, output: unknown = URL) => ({
  id: ID,
  model: 'kwaivgi/kling-v2.5-turbo-pro',
  status,
  output: status === 'succeeded' ? output : null,
  error: null,
  data_removed: false,
});

const dialect = (name: string, model: string): VideoDialect => ({
  name,
  model,
  ref: { id: ID },
  submitText: (id) => `{"id":"${id}","status":"starting","output":null,"error":null}`,
  statusBody: (word) => prediction(word),
  words: {
    starting: 'queued',
    processing: 'processing',
    succeeded: 'succeeded',
    failed: 'failed',
    canceled: 'cancelled',
    aborted: 'failed',
  },
  withoutResult: [
    prediction('succeeded', null),
    prediction('succeeded', ''),
    prediction('succeeded', []),
    prediction('succeeded', [URL, null]),
    prediction('succeeded', 'a cat plays'),
    prediction('succeeded', { video: null }),
  ],
});

describeVideoProvider(replicate, {
  models: [
    'kwaivgi/kling-v2.5-turbo-pro',
    'kwaivgi/kling-v2.6',
    'google/veo-3.1',
    'google/veo-3.1-fast',
    'bytedance/seedance-1-pro',
    'bytedance/seedance-1-lite',
    'bytedance/seedance-1.5-pro',
    `bytedance/seedance-1.5-pro:${VERSION}`,
    'minimax/video-01',
    'minimax/hailuo-02',
    'minimax/hailuo-02-fast',
    'wan-video/wan-2.5-t2v',
    'wan-video/wan-2.5-i2v',
  ],
  dialects: [
    dialect('one address', 'kwaivgi/kling-v2.5-turbo-pro'),
    dialect('a list of addresses', 'google/veo-3.1-fast'),
    dialect('a size in pixels', 'wan-video/wan-2.5-t2v'),
    dialect('a version', `bytedance/seedance-1.5-pro:${VERSION}`),
  ],
  simulator: SIMULATED,
  canFindLost: false,
});
