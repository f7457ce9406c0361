import { readSettled } from './read-settled.js';

/** Gives the texts one after another, and the last one from then on. */
const reader = (...texts: string[]) => {
  let reads = 0;
  const read = async (): Promise<string> => texts[Math.min(reads++, texts.length - 1)] ?? '';
  return { read, reads: () => reads };
};

describe('readSettled', () => {
  it('gives the text that two reads in a row agree on, never a half of it', async () => {
    expect(await readSettled(reader('', 'channels:', 'channels: []').read, 0)).toBe('channels: []');
  });

  it('gives up on a file that goes on changing, after a bounded number of reads', async () => {
    const texts = Array.from({ length: 100 }, (_, index) => String(index));
    const { read, reads } = reader(...texts);
    expect(await readSettled(read, 0)).toBeUndefined();
    expect(reads()).toBeLessThan(20);
  });

  it('passes on that the file cannot be read', async () => {
    await expect(readSettled(() => Promise.reject(new Error('gone')), 0)).rejects.toThrow('gone');
  });
});
