import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { SpooledUpload } from '../../upload/spooled-upload.js';
import { type ReadTranscription, readTranscription } from './read-transcription.js';

/** 16 bit, mono, 8,000 samples a second. */
function wav(ms: number): Uint8Array<ArrayBuffer> {
  const head = Buffer.from(
    'RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data',
    'latin1',
  );
  const size = Buffer.alloc(4);
  size.writeUInt32LE(ms * 16);
  return Uint8Array.from(Buffer.concat([head, size, Buffer.alloc(ms * 16)]));
}

/** A form with a model, and what else it is given. */
async function read(more: (form: FormData) => void): Promise<ReadTranscription> {
  const form = new FormData();
  form.set('model', 'ears');
  more(form);
  const { headers, body } = new Request('http://hub.example', { method: 'POST', body: form });
  const stream = Readable.from(body ?? []);
  const request = Object.assign(stream, {
    headers: { 'content-type': headers.get('content-type') ?? '' },
    complete: true,
  }) as unknown as IncomingMessage;
  const upload = await SpooledUpload.receive(request, 1024 * 1024);
  try {
    return await readTranscription(upload, 'transcribe');
  } finally {
    await upload.discard();
  }
}
const file = (form: FormData): void => form.set('file', new File([wav(250)], 'a.wav'));

describe('a form of sound', () => {
  it('is read with the length of its file', async () => {
    const { request, sound } = await read(file);
    expect(request).toMatchObject({ model: 'ears', format: 'json', isStream: false, soundMs: 250 });
    expect(sound).toEqual({ ms: 250, isCounted: true });
  });

  // Their vendors would listen to it instead: nothing of it would be held or charged for, and an id may be another customer's file.
  it.each(['url', 'file_url', 'file_id'])('has no sound from elsewhere in "%s"', async (name) => {
    const reading = read((form) => {
      file(form);
      form.set(name, 'https://x.example/hours.mp3');
    });
    await expect(reading).rejects.toMatchObject({ status: 400, param: name });
  });

  it('has no second file', async () => {
    const reading = read((form) => {
      file(form);
      form.set('audio', new File([wav(1)], 'hours.wav'));
    });
    await expect(reading).rejects.toMatchObject({ status: 400, param: 'audio' });
  });
});
