import { minimax } from '../../../src/providers/adapters/minimax/minimax.provider.js';
import { minimaxSimulator } from '../../simulators/minimax.js';
import { describeVideoProvider } from './describe-video-provider.js';

const SOUND = { status_code: 0, status_msg: 'success' };
const query = (status: string) => ({
  task_id: '1',
  status,
  file_id: status === 'Success' ? '176844028768320' : '',
  base_resp: SOUND,
});
const task = (status: string) => ({
  id: '1',
  model: 'MiniMax-H3',
  status,
  ...(status === 'succeeded' ? { content: { url: 'https://cdn.example/h3.mp4', prompt: 'a cat' } } : {}),
});

describeVideoProvider(minimax, {
  models: [
    'MiniMax-Hailuo-2.3',
    'MiniMax-Hailuo-2.3-Fast',
    'MiniMax-Hailuo-02',
    'T2V-01',
    'T2V-01-Director',
    'I2V-01',
    'I2V-01-Director',
    'I2V-01-live',
    'MiniMax-H3',
    'MiniMax-H3-Max',
  ],
  dialects: [
    {
      name: 'v1',
      model: 'MiniMax-Hailuo-02',
      ref: { dialect: 'v1', taskId: '1' },
      submitText: (id) => JSON.stringify({ task_id: id, base_resp: SOUND }),
      statusBody: query,
      words: {
        Preparing: 'queued',
        Queueing: 'queued',
        Processing: 'processing',
        Success: 'follow',
        Fail: 'failed',
      },
      withoutResult: [
        { ...query('Success'), file_id: '' },
        { ...query('Success'), file_id: undefined },
        { ...query('Success'), file_id: 0 },
      ],
      canCancel: false,
    },
    {
      name: 'v2',
      model: 'MiniMax-H3',
      ref: { dialect: 'v2', taskId: '1' },
      submitText: (id) => JSON.stringify({ task_id: id }),
      statusBody: (word) => ({ task: task(word) }),
      words: {
        queued: 'queued',
        running: 'processing',
        succeeded: 'succeeded',
        failed: 'failed',
        cancelled: 'cancelled',
        expired: 'failed',
      },
      withoutResult: [
        { task: { ...task('succeeded'), content: undefined } },
        { task: { ...task('succeeded'), content: {} } },
        { task: { ...task('succeeded'), content: { url: '' } } },
      ],
    },
  ],
  simulator: minimaxSimulator,
});
