import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { BoundedWait } from './bounded-wait.js';

const tooLate = () => new Error('too late');

describe('BoundedWait', () => {
  it('passes on what a promise comes to in time', async () => {
    const bounded = new BoundedWait(5_000, tooLate);
    await expect(bounded.wait(Promise.resolve(7))).resolves.toBe(7);
    await expect(bounded.wait(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('gives up on each promise that takes too long, and on no other', async () => {
    const bounded = new BoundedWait(150, tooLate);
    const never = bounded.wait(new Promise(() => undefined));
    const soon = bounded.wait(sleep(10).then(() => 'soon'));
    await expect(never).rejects.toThrow('too late');
    await expect(soon).resolves.toBe('soon');
    await expect(bounded.wait(new Promise(() => undefined))).rejects.toThrow('too late');
  });

  it('does not count the time in which the process itself stands still', async () => {
    const bounded = new BoundedWait(300, tooLate);
    // Immediates come after timers, as what is read from a socket does.
    const answer = new Promise((resolve) => setTimeout(() => setImmediate(resolve, 'answer'), 150));
    const awaited = bounded.wait(answer);
    await sleep(20);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    await expect(awaited).resolves.toBe('answer');
  });
});
