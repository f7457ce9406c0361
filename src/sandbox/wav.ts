const HEADER_BYTES = 44;
const RATE = 24_000;
const SAMPLE_BYTES = 2;
const LOUDNESS = 8_000;
/** A note for each of these many milliseconds. */
const NOTE_MS = 60;
const HERTZ = { lowest: 220, steps: 24 };

/** Samples of a small melody, one note for each character: 16 bits, one channel, 24,000 a second, little-endian. */
export function singSamples(text: string, ms: number): Buffer {
  const count = Math.round((ms * RATE) / 1000);
  const samples = Buffer.alloc(count * SAMPLE_BYTES);
  const perNote = (NOTE_MS * RATE) / 1000;
  for (let i = 0; i < count; i++) {
    const code = text.charCodeAt(Math.floor(i / perNote) % text.length);
    const hertz = HERTZ.lowest * 2 ** ((code % HERTZ.steps) / 12);
    // Each note fades in and out, so that there is no click between two.
    const loudness = Math.sin((Math.PI * (i % perNote)) / perNote) * LOUDNESS;
    samples.writeInt16LE(Math.round(Math.sin((2 * Math.PI * hertz * i) / RATE) * loudness), i * SAMPLE_BYTES);
  }
  return samples;
}

/** A WAV file around such samples. */
export function toWav(samples: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0);
  header.writeUInt32LE(HEADER_BYTES - 8 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * SAMPLE_BYTES, 28);
  header.writeUInt16LE(SAMPLE_BYTES, 32);
  header.writeUInt16LE(8 * SAMPLE_BYTES, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

/** How long a WAV file with the usual short header sounds, in milliseconds; undefined for anything else. */
export function wavMs(file: Buffer): number | undefined {
  const isWav = file.length >= HEADER_BYTES && file.toString('latin1', 0, 4) === 'RIFF';
  if (!isWav || file.toString('latin1', 8, 16) !== 'WAVEfmt ') return undefined;
  const bytesPerSecond = file.readUInt32LE(28);
  return bytesPerSecond === 0 ? undefined : ((file.length - HEADER_BYTES) * 1000) / bytesPerSecond;
}
