import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import type { SoundFile } from './sound-file.js';
import { soundLengthMs } from './sound-length.js';

const fileOf = (bytes: Buffer): SoundFile => ({
  size: bytes.length,
  read: async (start, length) => bytes.subarray(start, start + length),
});
const lengthOf = (bytes: Buffer): Promise<number | undefined> => soundLengthMs(fileOf(bytes));
const sample = (name: string): Promise<Buffer> =>
  readFile(new URL(`../../../test/support/sounds/${name}`, import.meta.url));

/** 16 bit, mono, 8,000 samples a second. @param declared what the header says of the size; default: the truth. */
function wav(dataBytes: number, declared = dataBytes, before = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(36);
  head.write('RIFF', 0);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(16_000, 28);
  const data = Buffer.alloc(8);
  data.write('data', 0);
  data.writeUInt32LE(declared, 4);
  return Buffer.concat([head, before, data, Buffer.alloc(dataBytes)]);
}

// Each plays for a second and a half; encoders add a frame or two.
describe('the length of sound', () => {
  it.each([
    ['MP3 with a count of frames', 'tone.mp3'],
    ['MP3 of one rate, without a count', 'cbr.mp3'],
    ['FLAC', 'tone.flac'],
    ['Ogg with Vorbis', 'tone.ogg'],
    ['Ogg with Opus', 'opus.ogg'],
    ['M4A', 'tone.m4a'],
    ['WebM', 'tone.webm'],
  ])('is read from %s', async (_what, name) => {
    const ms = await lengthOf(await sample(name));
    expect(ms).toBeGreaterThanOrEqual(1450);
    expect(ms).toBeLessThanOrEqual(1700);
  });

  it('of wav is bytes by bytes a second', async () => {
    expect(await lengthOf(wav(24_000))).toBe(1500);
    expect(await lengthOf(wav(1))).toBe(1);
  });

  it.each([
    ['unknown', 0xffffffff],
    ['zero, from a recorder that never came back', 0],
  ])('of wav goes to the end where the size is %s', async (_what, declared) => {
    expect(await lengthOf(wav(24_000, declared))).toBe(1500);
  });

  it('of wav looks past other chunks, also those of odd size', async () => {
    const list = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1');
    expect(await lengthOf(wav(16_000, 16_000, list))).toBe(1000);
  });

  it('is read behind the tags of an MP3', async () => {
    const tag = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x02\0', 'latin1'), Buffer.alloc(256, 0xff)]);
    const bytes = await sample('cbr.mp3');
    const bare = bytes.subarray(bytes.indexOf(Buffer.from([0xff])));
    expect(await lengthOf(Buffer.concat([tag, bare]))).toBe(await lengthOf(bare));
  });

  it('is not known of what a browser records, of other files and of none', async () => {
    expect(await lengthOf(await sample('live.webm'))).toBeUndefined();
    expect(await lengthOf(Buffer.from('<html>no sound</html>'))).toBeUndefined();
    expect(await lengthOf(Buffer.alloc(0))).toBeUndefined();
    expect(await lengthOf(Buffer.alloc(10_000))).toBeUndefined();
  });

  it('never fails, wherever a file is cut and whatever byte is changed', async () => {
    for (const name of ['tone.mp3', 'tone.flac', 'tone.ogg', 'opus.ogg', 'tone.m4a', 'tone.webm']) {
      const bytes = await sample(name);
      for (let end = 0; end < Math.min(bytes.length, 600); end += 7) await lengthOf(bytes.subarray(0, end));
      for (let place = 0; place < Math.min(bytes.length, 300); place++) {
        for (const value of [0, 0x7f, 0xff]) {
          const changed = Buffer.from(bytes);
          changed[place] = value;
          const ms = await lengthOf(changed);
          expect(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
        }
      }
    }
  });
});
