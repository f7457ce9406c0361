import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SpooledUpload, sweepStaleUploads } from './spooled-upload.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 60 * 60 * 1000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spooled-upload-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function leave(name: string, ageMs: number): void {
  writeFileSync(join(folder, name), 'x');
  age(name, ageMs);
}

function age(name: string, ageMs: number): void {
  const writtenAt = new Date(NOW_MS - ageMs);
  utimesSync(join(folder, name), writtenAt, writtenAt);
}

describe('the sweep of uploads', () => {
  it('removes those older than an hour, and nothing else', async () => {
    leave('ug-ai-hub-upload-old', HOUR_MS + 1);
    leave('ug-ai-hub-upload-older', 100 * HOUR_MS);
    leave('ug-ai-hub-upload-young', HOUR_MS);
    leave('somebody-elses', 100 * HOUR_MS);
    await sweepStaleUploads(folder, NOW_MS);
    expect(readdirSync(folder).sort()).toEqual(['somebody-elses', 'ug-ai-hub-upload-young']);
  });

  it('passes over what it cannot remove', async () => {
    mkdirSync(join(folder, 'ug-ai-hub-upload-a-folder'));
    age('ug-ai-hub-upload-a-folder', 2 * HOUR_MS);
    leave('ug-ai-hub-upload-old', 2 * HOUR_MS);
    await sweepStaleUploads(folder, NOW_MS);
    expect(readdirSync(folder)).toEqual(['ug-ai-hub-upload-a-folder']);
  });

  it('of a folder that is not there does nothing', async () => {
    await expect(sweepStaleUploads(join(folder, 'absent'), NOW_MS)).resolves.toBeUndefined();
  });
});

describe('an upload', () => {
  const part = (name: string, value: string, more = ''): string =>
    `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
  const file = part('image', 'picture', '; filename="a.png"');
  const receive = (body: string | AsyncIterable<Buffer>, bytesMax = 10_000): Promise<SpooledUpload> => {
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const pieces = typeof body === 'string' ? [Buffer.from(body)] : body;
    const request = Object.assign(Readable.from(pieces), { headers });
    return SpooledUpload.receive(request as unknown as IncomingMessage, bytesMax);
  };

  it.each([
    ['replaced', { a: 'more' }, `${part('a', 'more')}${file}${part('z', '2')}--b--\r\n`],
    ['emptied', { a: '' }, `${part('a', '')}${file}${part('z', '2')}--b--\r\n`],
    ['absent', { x: 'y', w: undefined }, `${part('a', '1')}${file}${part('z', '2')}--b--\r\n`],
    ['the first and out', { a: undefined }, `\r\n${file}${part('z', '2')}--b--\r\n`],
    ['the last and out', { z: undefined }, `${part('a', '1')}${file}--b--\r\n`],
    ['several', { z: '3', a: undefined }, `\r\n${file}${part('z', '3')}--b--\r\n`],
    ['a file, which stays', { image: undefined }, `${part('a', '1')}${file}${part('z', '2')}--b--\r\n`],
  ])('has every other byte as it came when a field is %s', async (_what, edits, expected) => {
    const upload = await receive(`${part('a', '1')}${file}${part('z', '2')}--b--\r\n`);
    try {
      const body = upload.with(edits);
      const text = Buffer.concat(await Readable.from(body.open()).toArray()).toString();
      expect(text).toBe(expected);
      expect(body.contentLength).toBe(text.length);
    } finally {
      await upload.discard();
    }
  });

  it('gives the bytes of a part, and none beyond its limit', async () => {
    const upload = await receive(`${part('a', '1')}${file}${part('z', '')}--b--\r\n`);
    try {
      const [, picture, empty] = upload.parts;
      expect((await upload.read(picture!, 7)).toString()).toBe('picture');
      expect(await upload.read(empty!, 0)).toHaveLength(0);
      await expect(upload.read(picture!, 6)).rejects.toMatchObject({ status: 413, param: 'image' });
    } finally {
      await upload.discard();
    }
  });

  it('whose file has been tidied away is refused for what is wrong with it, and can be discarded', async () => {
    const temporary = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder;
    const tidy = (): void => {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
    };
    async function* body(): AsyncGenerator<Buffer, void> {
      yield Buffer.from(file);
      tidy();
      yield Buffer.alloc(10_000, 'x');
    }
    try {
      await expect(receive(body())).rejects.toMatchObject({ status: 413, code: 'request_too_large' });
      const upload = await receive(`${file}--b--\r\n`);
      tidy();
      await expect(upload.discard()).resolves.toBeUndefined();
    } finally {
      if (temporary === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = temporary;
    }
  });

  it('is refused with 503 and leaves no file when the disk is full', async () => {
    const handle = await open(join(folder, 'any'), 'w');
    const prototype = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const write = jest.spyOn(prototype, 'appendFile').mockRejectedValue(full);
    const temporary = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder;
    try {
      await expect(receive(`${file}--b--\r\n`)).rejects.toMatchObject({ status: 503, code: 'service_unavailable' });
      expect(write).toHaveBeenCalled();
      expect(readdirSync(folder)).toEqual(['any']);
    } finally {
      write.mockRestore();
      if (temporary === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = temporary;
    }
  });
});
