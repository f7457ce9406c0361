import { sandboxProvider } from '../../../src/providers/adapters/sandbox/sandbox-provider.js';
import type { TaskAnswer, TaskCall, TaskState } from '../../../src/providers/canonical/video.js';
import { type SandboxServer, startSandbox } from '../../../src/sandbox/sandbox-server.js';
import { fromVideoId, toVideoId } from '../../../src/sandbox/video/video-id.js';
import { requestFor, targetOf, videoOf } from './video-request.js';

const MODEL = 'sandbox-video';

describe('videos of the sandbox', () => {
  let sandbox: SandboxServer;
  beforeAll(async () => {
    sandbox = await startSandbox({ videoWorkMs: 60_000 });
  });
  afterAll(() => sandbox.close());
  const video = videoOf(sandboxProvider('http://127.0.0.1:1/v1'));

  async function send(call: TaskCall): Promise<TaskAnswer> {
    const body = call.body === undefined ? null : Buffer.from(call.body);
    const headers = { 'content-type': 'application/json', ...call.headers };
    const response = await fetch(`${sandbox.url}${call.path}`, { method: call.method, headers, body });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  }

  /** The same task, as if it had been asked for so long ago. */
  async function look(id: string, agoMs: number): Promise<TaskState> {
    const task = fromVideoId(id)!;
    const ref = { id: toVideoId({ ...task, createdMs: task.createdMs - agoMs }) };
    return video.fromStatus(await send(video.toStatus(ref)), ref);
  }

  it('serve who names no model', () => {
    expect(video.defaultModel).toBe(MODEL);
    expect(video.modelOf(MODEL)).toBeDefined();
    expect(video.modelOf('gpt-4')).toBeUndefined();
  });

  const every = requestFor(video, MODEL, {
    durationSeconds: 12,
    resolution: '1080p',
    aspectRatio: '9:16',
    negativePrompt: 'rain',
    seed: 7,
  });
  it.each([
    ['what is said by default', requestFor(video, MODEL)],
    ['every option', every],
    ['a picture by its address', { ...every, image: { kind: 'url', url: 'https://pictures.example/a.png' } as const }],
    [
      'the bytes of a picture',
      { ...every, image: { kind: 'bytes', contentType: 'image/png', base64: 'AAAA' } as const },
    ],
  ])('are taken on with %s, wait, make progress and are done', async (_name, request) => {
    const ref = video.fromSubmit(await send(video.toSubmit(request, targetOf(MODEL))), request, targetOf(MODEL));
    const id = String(ref['id']);
    expect((await look(id, 0)).state).toBe('queued');
    expect(await look(id, 30_000)).toEqual({ state: 'processing', progress: expect.any(Number) });
    expect(await look(id, 60_000)).toEqual({
      state: 'succeeded',
      outputs: [{}],
      usage: { videoMs: request.durationSeconds * 1000 },
    });
  });

  it.each(video.modelOf(MODEL)?.resolutions ?? [])('have every shape at %s', async (resolution) => {
    for (const aspectRatio of video.modelOf(MODEL)?.aspectRatios ?? []) {
      const request = requestFor(video, MODEL, { resolution, aspectRatio });
      const answer = await send(video.toSubmit(request, targetOf(MODEL)));
      expect([aspectRatio, answer.status]).toEqual([aspectRatio, 200]);
    }
  });
});
