import type { TaskAnswer } from '../../canonical/video.js';
import { minimaxVideo } from './minimax-video.js';

const answer = (body: unknown, status = 200): TaskAnswer => ({
  status,
  headers: {},
  body: Buffer.from(JSON.stringify(body)),
});
const V1 = { dialect: 'v1', taskId: '1' };
const V2 = { dialect: 'v2', taskId: '1' };

describe('videos of MiniMax', () => {
  it.each([
    ['/v1', ''],
    ['/v1/', ''],
    ['/proxy/minimax/v1', '/proxy/minimax'],
    ['/v1/minimax', '/v1/minimax'],
    ['', ''],
  ])('lie beside the version of the chat: %s', (chat, tasks) => {
    expect(minimaxVideo.basePath?.(chat)).toBe(tasks);
  });

  it.each([
    ['MiniMax-H3', '/v2/video_generation'],
    ['minimax-h3-max', '/v2/video_generation'],
    ['MiniMax-H3-Next', '/v2/video_generation'],
    ['MiniMax-Hailuo-02', '/v1/video_generation'],
    ['T2V-01', '/v1/video_generation'],
  ])('go to the API of their model: %s', (upstreamModel, path) => {
    const request = {
      prompt: 'A cat.',
      durationSeconds: 6,
      resolution: '768p',
      hasAudio: false,
      count: 1,
      options: {},
      externalId: 'job_1',
    };
    expect(minimaxVideo.toSubmit(request, { upstreamModel, publicModel: 'm' }).path).toBe(path);
  });

  it.each([{ file: { file_id: 7, download_url: '' } }, { file: { file_id: 7 } }, { file: null }, {}])(
    'are not done with a file that has no link: %j',
    (body) => {
      const read = () => minimaxVideo.fromStatus(answer(body), { ...V1, fileId: '7' });
      expect(read).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
    },
  );

  it('cannot be called off by the first API', () => {
    expect(minimaxVideo.cancel?.toCall(V1)).toBeUndefined();
  });

  it.each(['cancelled', 'cancel', 'deleted', 'delete'])(
    'are called off by the second API, with the word %s',
    (action) => {
      expect(minimaxVideo.cancel?.toCall(V2)).toEqual({ method: 'DELETE', path: '/v2/video_generation/1' });
      expect(minimaxVideo.cancel?.fromAnswer(answer({ task_id: '1', action }), V2)).toBeUndefined();
    },
  );

  it('keep the task when the second API refuses', () => {
    const refusal = answer({ type: 'error', error: { message: 'invalid params (2013)' } }, 400);
    const read = () => minimaxVideo.cancel?.fromAnswer(refusal, V2);
    expect(read).toThrow(expect.objectContaining({ kind: 'invalid_request', code: '2013' }));
  });

  it.each(['S2V-01', 'MiniMax-M3', 'MiniMax-Hailuo-9'])('are none of %s', (name) => {
    expect(minimaxVideo.modelOf(name)).toBeUndefined();
  });
});
