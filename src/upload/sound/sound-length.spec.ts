import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import type { SoundFile } from './sound-file.js';
import { soundLength } from './sound-length.js';

const fileOf = (bytes: Buffer): SoundFile => ({
  size: bytes.length,
  read: async (start, length) => bytes.subarray(start, start + length),
});
const lengthOf = async (bytes: Buffer): Promise<number | undefined> => (await soundLength(fileOf(bytes)))?.ms;
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
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
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
          expect(ms === undefined || (Number.isSafeInteger(ms) && ms > 0)).toBe(true);
        }
      }
    }
  });

  describe('cannot be made short by', () => {
    const frames = async (times: number): Promise<Buffer> => {
      const bytes = await sample('tone.mp3');
      return Buffer.concat(Array.from({ length: times }, () => bytes));
    };
    const counted = async (bytes: Buffer): Promise<number> => {
      const length = await soundLength(fileOf(bytes));
      expect(length?.isCounted).toBe(true);
      return length?.ms ?? 0;
    };

    it('a header of an MP3 that tells of one frame', async () => {
      const bytes = await frames(40);
      const honest = await counted(bytes);
      expect(honest).toBeGreaterThan(40 * 1450);
      const place = Math.max(bytes.indexOf('Xing'), bytes.indexOf('Info'));
      bytes.writeUInt32BE(1, place + 8);
      expect(await counted(bytes)).toBe(honest);
      bytes.writeUInt32BE(0, place + 8);
      expect(await counted(bytes)).toBe(honest);
    });

    it('a first frame of a high rate', async () => {
      const slow = await frames(40);
      // MPEG 1, layer III, 320 kbit/s, 44,100 Hz.
      const fast = Buffer.alloc(1044);
      fast.writeUInt32BE(0xfffbe000, 0);
      expect(await counted(Buffer.concat([fast, slow]))).toBeGreaterThan(40 * 1450);
    });

    it('what is no frame, which makes it unknown', async () => {
      const bytes = await sample('tone.mp3');
      expect(await lengthOf(Buffer.concat([bytes, Buffer.alloc(2 * bytes.length)]))).toBeUndefined();
    });

    it('bytes a second that a wav file only declares', async () => {
      const bytes = wav(24_000);
      bytes.writeUInt32LE(0xffffffff, 28);
      expect(await counted(bytes)).toBe(1500);
    });

    it('sound in a second data chunk, or behind many others', async () => {
      const more = Buffer.alloc(8 + 16_000);
      more.write('data', 0);
      more.writeUInt32LE(16_000, 4);
      expect(await counted(Buffer.concat([wav(16_000), more]))).toBe(2000);
      const junk = Buffer.concat(Array.from({ length: 80 }, () => Buffer.from('junk\0\0\0\0', 'latin1')));
      expect(await counted(Buffer.concat([wav(16_000), junk, more]))).toBeGreaterThanOrEqual(2000);
    });

    it('a codec whose rate is only declared, which makes it unknown', async () => {
      const bytes = wav(24_000);
      bytes.writeUInt16LE(0x55, 20);
      expect(await lengthOf(bytes)).toBeUndefined();
    });

    it('few samples that a FLAC file declares: it is no smaller than them', async () => {
      const bytes = Buffer.concat([await sample('tone.flac'), Buffer.alloc(1_600_000, 7)]);
      bytes.writeUInt8(bytes.readUInt8(21) & 0xf0, 21);
      bytes.writeUInt32BE(1, 22);
      expect(await lengthOf(bytes)).toBeGreaterThan(5_000);
    });

    it('a last page of an Ogg file that says 0', async () => {
      const bytes = await sample('opus.ogg');
      const page = bytes.lastIndexOf('OggS');
      bytes.writeBigInt64LE(0n, page + 6);
      expect(await lengthOf(bytes)).toBe(Math.ceil(bytes.length / 40));
    });
  });

  it('is only declared by other containers', async () => {
    for (const name of ['tone.flac', 'tone.ogg', 'opus.ogg', 'tone.m4a', 'tone.webm']) {
      expect((await soundLength(fileOf(await sample(name))))?.isCounted).toBe(false);
    }
  });
});
