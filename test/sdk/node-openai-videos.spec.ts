import OpenAI, { toFile } from 'openai';
import { until } from '../support/until.js';
import { collect, type SdkHub, startSdkHub, VIDEO_MODEL } from './sdk-hub.js';

// Videos with the official Node SDK, which has no helper that polls.

let sdk: SdkHub;
let client: OpenAI;

beforeAll(async () => {
  sdk = await startSdkHub();
  client = new OpenAI({ apiKey: sdk.hub.apiKey, baseURL: sdk.baseUrl });
});
afterAll(() => sdk.close());

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const REQUEST = { model: VIDEO_MODEL, prompt: 'a cat', seconds: '4', size: '1280x720' } as const;

const finished = (id: string): Promise<OpenAI.Video> =>
  until(async () => {
    const video = await client.videos.retrieve(id);
    return video.status !== 'queued' && video.status !== 'in_progress' && video;
  });

describe('videos', () => {
  it('create gives a video that is then made, and downloadContent its MP4', async () => {
    const created = await client.videos.create(REQUEST);
    expect(created).toMatchObject({
      object: 'video',
      status: 'queued',
      model: VIDEO_MODEL,
      prompt: 'a cat',
      seconds: '4',
      size: '1280x720',
      completed_at: null,
    });
    const video = await finished(created.id);
    expect(video).toMatchObject({ status: 'completed', progress: 100, error: null });
    expect(video.completed_at).toBeGreaterThanOrEqual(created.created_at);
    expect(video.expires_at).toBeGreaterThan(video.completed_at ?? 0);
    const content = await client.videos.downloadContent(created.id, { variant: 'video' });
    expect(content.headers.get('content-type')).toBe('video/mp4');
    expect(Buffer.from(await content.arrayBuffer()).toString('latin1', 4, 8)).toBe('ftyp');
  });

  it('create takes a picture as a file', async () => {
    const file = await toFile(PNG, '猫.png', { type: 'image/png' });
    const { id } = await client.videos.create({ ...REQUEST, input_reference: file });
    expect((await finished(id)).status).toBe('completed');
  });

  it('create takes a picture as a data URL, and refuses a link into a private network', async () => {
    const link = `data:image/png;base64,${PNG.toString('base64')}`;
    const { id } = await client.videos.create({ ...REQUEST, input_reference: { image_url: link } });
    expect((await finished(id)).status).toBe('completed');
    const inside = { image_url: 'http://192.168.1.1/cat.png' };
    await expect(client.videos.create({ ...REQUEST, input_reference: inside })).rejects.toMatchObject({
      status: 400,
      param: 'input_reference',
    });
  });

  it('create refuses what the model cannot do, by the name of the field', async () => {
    const error: unknown = await client.videos
      .create({ ...REQUEST, seconds: '25' as never })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ param: 'seconds', code: 'unsupported_option' });
  });

  it('list pages through all of them, newest first and oldest first', async () => {
    const made: string[] = [];
    for (let number = 0; number < 3; number++) made.push((await client.videos.create(REQUEST)).id);
    const newest = (await collect(client.videos.list({ limit: 2 }))).map(({ id }) => id);
    expect(newest.slice(0, 3)).toEqual(made.toReversed());
    expect((await collect(client.videos.list({ limit: 2, order: 'asc' }))).map(({ id }) => id)).toEqual(
      newest.toReversed(),
    );
  });

  it('delete takes it away', async () => {
    const { id } = await client.videos.create(REQUEST);
    await expect(client.videos.delete(id)).rejects.toMatchObject({ status: 409, code: 'job_not_finished' });
    await finished(id);
    expect(await client.videos.delete(id)).toEqual({ id, object: 'video.deleted', deleted: true });
    await expect(client.videos.retrieve(id)).rejects.toThrow(OpenAI.NotFoundError);
  });

  it('remix, edit and extend are BadRequestErrors that say why', async () => {
    const { id } = await client.videos.create(REQUEST);
    const refused = { status: 400, code: 'unsupported_operation', message: expect.stringContaining('another video') };
    await expect(client.videos.remix(id, { prompt: 'a dog' })).rejects.toMatchObject(refused);
    await expect(client.videos.edit({ prompt: 'a dog', video: { id } })).rejects.toMatchObject(refused);
    await expect(client.videos.extend({ prompt: 'a dog', seconds: '4', video: { id } })).rejects.toMatchObject(refused);
  });
});
