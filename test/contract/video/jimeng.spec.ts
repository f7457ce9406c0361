import { jimeng } from '../../../src/providers/adapters/jimeng/jimeng.provider.js';
import { SIMULATED } from '../../simulators/jimeng/jimeng.simulator.js';
import { describeImageTasks } from '../images/describe-image-tasks.js';
import { describeVideoProvider } from './describe-video-provider.js';

const ID = '7392616336519610409';
const URL = 'https://v9-aiop.byteimg.example/x.mp4';

const answerOf = (data: object | null) => ({ code: 10_000, data, message: 'Success', status: 10_000 });
const submitText = (id: string) => `{"code":10000,"data":{"task_id":"${id}"},"message":"Success","status":10000}`;
const words = {
  in_queue: 'queued',
  generating: 'processing',
  done: 'succeeded',
  not_found: 'failed',
  expired: 'failed',
} as const;

const filmOf = (status: string, video_url: unknown = URL) => answerOf({ status, video_url, image_urls: null });
const picturesOf = (status: string, image_urls: unknown = [URL]) => answerOf({ status, image_urls });

describeVideoProvider(jimeng, {
  models: ['jimeng-video-3.0', 'jimeng-video-3.0-pro'],
  dialects: [
    {
      name: 'videos',
      model: 'jimeng-video-3.0',
      ref: { reqKey: 'jimeng_t2v_v30', taskId: ID },
      submitText,
      statusBody: filmOf,
      words,
      withoutResult: [filmOf('done', ''), filmOf('done', null), answerOf({ status: 'done' }), answerOf(null)],
    },
  ],
  simulator: SIMULATED,
});

describeImageTasks(jimeng, {
  models: ['jimeng_t2i_v40', 'jimeng_t2i_v31', 'jimeng_t2i_v30'],
  dialects: [
    {
      name: 'pictures',
      model: 'jimeng_t2i_v40',
      ref: { reqKey: 'jimeng_t2i_v40', taskId: ID },
      submitText,
      statusBody: picturesOf,
      words,
      withoutResult: [picturesOf('done', null), picturesOf('done', []), picturesOf('done', ['']), answerOf(null)],
    },
  ],
  simulator: SIMULATED,
});
