import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { type SandboxServer, startSandbox } from './sandbox-server.js';
import { drawVideo } from './video/draw-video.js';
import { writeParameters, writePicture } from './video/h264.js';
import { writeMp4 } from './video/mp4.js';
import { fromVideoId, toVideoId, type VideoTask } from './video/video-id.js';

let quick: SandboxServer;
let client: OpenAI;
const servers: SandboxServer[] = [];

async function start(videoWorkMs: number): Promise<{ server: SandboxServer; client: OpenAI }> {
  const server = await startSandbox({ videoWorkMs, faults: true });
  servers.push(server);
  return { server, client: new OpenAI({ apiKey: 'any', baseURL: server.url, maxRetries: 0 }) };
}

beforeAll(async () => {
  ({ server: quick, client } = await start(0));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

const TASK: VideoTask = {
  createdMs: 1_795_000_000_123,
  workMs: 4_000,
  seconds: 8,
  width: 1280,
  height: 720,
  seed: 0xffff_ffff,
  end: 'finished',
};

describe('the videos of the sandbox', () => {
  it('are made of the defaults when nothing else is said', async () => {
    const video = await client.videos.create({ prompt: 'a cat' });
    expect(video).toMatchObject({
      object: 'video',
      model: 'sandbox-video',
      seconds: '4',
      size: '1280x720',
      prompt: 'a cat',
    });
    expect(video.id).toMatch(/^video_[0-9a-f]+$/);
  });

  it('wait, make progress and are completed', async () => {
    const { client: slow } = await start(3_600_000);
    const video = await slow.videos.create({ prompt: 'a cat', seconds: '8', size: '720x1280' });
    expect(video).toMatchObject({ status: 'queued', progress: 0, seconds: '8', size: '720x1280', completed_at: null });
    // The same task, as it was half an hour ago, and an hour.
    const task = fromVideoId(video.id);
    if (task === undefined) throw new Error('not an id');
    const half = toVideoId({ ...task, createdMs: task.createdMs - 1_800_000 });
    expect(await slow.videos.retrieve(half)).toMatchObject({ status: 'in_progress', progress: 50 });
    const over = toVideoId({ ...task, createdMs: task.createdMs - 3_600_000 });
    expect(await slow.videos.retrieve(over)).toMatchObject({ status: 'completed', progress: 100, error: null });
  });

  it('outlive the process that was asked for them', async () => {
    const { id } = await client.videos.create({ prompt: 'a cat', seconds: '12' });
    const { client: next } = await start(0);
    expect(await next.videos.retrieve(id)).toMatchObject({ id, status: 'completed', seconds: '12', prompt: null });
    expect((await next.videos.downloadContent(id)).status).toBe(200);
  });

  it('take a picture as a file and as an address', async () => {
    const file = await toFile(Buffer.from([1, 2, 3]), 'a.png', { type: 'image/png' });
    expect(await client.videos.create({ prompt: 'a cat', input_reference: file })).toMatchObject({ object: 'video' });
    const response = await fetch(`${quick.url}/videos`, {
      method: 'POST',
      body: JSON.stringify({ prompt: 'a cat', input_reference: { image_url: 'https://example.com/a.png' } }),
    });
    expect(response.status).toBe(200);
  });

  it('fail when a test says so', async () => {
    const blocked = await client.videos.create({ prompt: 'FAKE:{"video_end":"content"}' });
    expect(await client.videos.retrieve(blocked.id)).toMatchObject({
      status: 'failed',
      error: { code: 'moderation_blocked' },
    });
    const slow = await client.videos.create({ prompt: 'FAKE:{"video_ms":3600000}' });
    expect(slow.status).toBe('queued');
    await expect(client.videos.downloadContent(slow.id)).rejects.toMatchObject({ status: 404 });
    await expect(client.videos.delete(slow.id)).rejects.toMatchObject({ status: 400 });
  });

  it('are listed by pages, and gone once deleted', async () => {
    const { client: own } = await start(0);
    const ids: string[] = [];
    for (const prompt of ['one', 'two', 'three']) ids.push((await own.videos.create({ prompt })).id);
    const page = await own.videos.list({ limit: 2 });
    expect(page.data.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect(page.has_more).toBe(true);
    const next = await page.getNextPage();
    expect(next.data.map(({ prompt }) => prompt)).toEqual(['one']);
    expect((await own.videos.list({ order: 'asc' })).data.map(({ id }) => id)).toEqual(ids);
    const [first = ''] = ids;
    expect(await own.videos.delete(first)).toEqual({ id: first, object: 'video.deleted', deleted: true });
    await expect(own.videos.retrieve(first)).rejects.toMatchObject({ status: 404 });
    expect((await own.videos.list()).data).toHaveLength(2);
  });

  const bad: readonly [string, object, string][] = [
    ['no prompt', {}, 'prompt'],
    ['a number of seconds', { prompt: 'x', seconds: 4 }, 'seconds'],
    ['21 seconds', { prompt: 'x', seconds: '21' }, 'seconds'],
    ['another size', { prompt: 'x', size: '1x1' }, 'size'],
    ['an unknown field', { prompt: 'x', n: 2 }, 'n'],
    ['an empty picture', { prompt: 'x', input_reference: {} }, 'input_reference'],
  ];
  it.each(bad)('refuse %s by its name', async (_name, body, param) => {
    const response = await fetch(`${quick.url}/videos`, { method: 'POST', body: JSON.stringify(body) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param, type: 'invalid_request_error' } });
  });

  it.each(['video_1', 'video_', `video_${'f'.repeat(48)}`])('are unknown as %s', async (id) => {
    await expect(client.videos.retrieve(id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
  });

  it('keep in their id all that is needed to answer for them', () => {
    expect(fromVideoId(toVideoId(TASK))).toEqual(TASK);
    expect(toVideoId(TASK)).not.toBe(toVideoId(TASK));
    expect(fromVideoId(toVideoId({ ...TASK, width: 9999 }))).toBeUndefined();
    expect(fromVideoId(toVideoId({ ...TASK, seconds: 99 }))).toBeUndefined();
  });
});

/** Name and content of the boxes that lie one behind the other. */
function boxesOf(bytes: Buffer): Map<string, Buffer> {
  const boxes = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (length < 8) throw new Error('a box without an end');
    boxes.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + length));
    at += length;
  }
  return boxes;
}

describe('a drawn video', () => {
  const video = drawVideo({ width: 1280, height: 720, seconds: 4, seed: 7 });

  it('is the same each time, and another one for another seed', () => {
    expect(drawVideo({ width: 1280, height: 720, seconds: 4, seed: 7 }).equals(video)).toBe(true);
    expect(drawVideo({ width: 1280, height: 720, seconds: 4, seed: 8 }).equals(video)).toBe(false);
  });

  it('has its index before its data, and all of the data in it', () => {
    const boxes = boxesOf(video);
    expect([...boxes.keys()]).toEqual(['ftyp', 'moov', 'mdat']);
    const index = boxes.get('moov') ?? Buffer.alloc(0);
    const dataAt = video.indexOf('mdat') + 4;
    const offsets = index.indexOf('stco');
    expect(index.readUInt32BE(offsets + 12)).toBe(dataAt);
    const sizes = index.indexOf('stsz');
    const count = index.readUInt32BE(sizes + 12);
    expect(count).toBe(16);
    let total = 0;
    for (let i = 0; i < count; i++) total += index.readUInt32BE(sizes + 16 + 4 * i);
    expect(total).toBe(boxes.get('mdat')?.length);
    // Each picture is one unit of its stated length.
    const data = boxes.get('mdat') ?? Buffer.alloc(0);
    expect(data.readUInt32BE(0) + 4).toBe(index.readUInt32BE(sizes + 16));
  });

  const hasFfmpeg = ['ffprobe', 'ffmpeg'].every((name) => spawnSync(name, ['-version']).status === 0);
  (hasFfmpeg ? it.each : it.skip.each)([
    [1280, 720, 4],
    [480, 854, 20],
    [1080, 1080, 1],
    [1024, 1792, 8],
  ])('of %i by %i and %i s decodes without a complaint where ffmpeg is installed', (width, height, seconds) => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-video-'));
    try {
      const file = join(folder, 'video.mp4');
      writeFileSync(file, drawVideo({ width, height, seconds, seed: 0xdead_beef }));
      const entries = 'stream=codec_name,width,height,duration';
      const probe = spawnSync('ffprobe', ['-v', 'error', '-show_entries', entries, '-of', 'json', file], {
        encoding: 'utf8',
      });
      expect(JSON.parse(probe.stdout).streams).toEqual([
        { codec_name: 'h264', width, height, duration: `${seconds}.000000` },
      ]);
      const decode = spawnSync('ffmpeg', ['-v', 'warning', '-xerror', '-i', file, '-f', 'null', '-'], {
        encoding: 'utf8',
      });
      expect({ status: decode.status, complaints: decode.stderr }).toEqual({ status: 0, complaints: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  (hasFfmpeg ? it : it.skip)('shows in every block what was painted there, where ffmpeg is installed', () => {
    const [width, height] = [320, 176];
    // Steps of every size between neighbours, up and down.
    const lumaAt = (column: number, row: number): number =>
      16 + ((column * column * 37 + row * 91 + column * row) % 220);
    const painting = { width, height, blue: -20, red: 11, lumaAt };
    const parameters = writeParameters(width, height);
    const pictures = [0, 1].map((index) => writePicture(painting, index));
    const file = writeMp4({ width, height, parameters, pictures, pictureMs: 250 });
    const { stdout } = spawnSync('ffmpeg', ['-v', 'error', '-i', '-', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'], {
      input: file,
      maxBuffer: 2 ** 24,
    });
    expect(stdout.length).toBe(2 * 1.5 * width * height);
    for (let row = 0; row < height / 16; row++) {
      for (let column = 0; column < width / 16; column++) {
        // The middle of a block, where no filter smooths its edges.
        const pixel = stdout[(row * 16 + 8) * width + column * 16 + 8];
        expect([column, row, pixel]).toEqual([column, row, lumaAt(column, row)]);
      }
    }
    const plane = (width * height) / 4;
    expect([stdout[width * height + plane / 2], stdout[width * height + 1.5 * plane]]).toEqual([128 - 40, 128 + 22]);
  });
});
