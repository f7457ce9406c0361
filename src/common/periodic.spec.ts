import { jest } from '@jest/globals';
import { until } from '../../test/support/until.js';
import { Periodic } from './periodic.js';

const HOUR_MS = 3_600_000;

describe('periodic work', () => {
  it('is done again and again until it is stopped', async () => {
    let runs = 0;
    const work = async () => void runs++;
    const periodic = new Periodic(work, 5, () => undefined);
    periodic.start();
    await until(() => runs >= 3);
    await periodic.stop();
    const before = runs;
    periodic.runSoon();
    expect(runs).toBe(before);
  });

  it('is never done twice at a time, and once more when that was asked for in between', async () => {
    const running: (() => void)[] = [];
    const work = () => new Promise<void>((resolve) => running.push(resolve));
    const periodic = new Periodic(work, HOUR_MS, () => undefined);
    periodic.start();
    periodic.runSoon();
    periodic.runSoon();
    periodic.runSoon();
    expect(running).toHaveLength(1);
    running[0]?.();
    await until(() => running.length === 2);
    const stopped = periodic.stop();
    running[1]?.();
    await stopped;
    expect(running).toHaveLength(2);
  });

  it('is waited for by a stop', async () => {
    let isDone = false;
    let finish: (() => void) | undefined;
    const work = async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      isDone = true;
    };
    const periodic = new Periodic(work, HOUR_MS, () => undefined);
    periodic.start();
    periodic.runSoon();
    const stopped = periodic.stop().then(() => isDone);
    finish?.();
    expect(await stopped).toBe(true);
  });

  it('goes on after a failure, and reports only the first of several in a row', async () => {
    const outcomes = ['fail', 'fail', 'fine', 'fail', 'fine'];
    const work = async () => {
      if (outcomes.shift() === 'fail') throw new Error('away');
    };
    const onError = jest.fn();
    const periodic = new Periodic(work, 2, onError);
    periodic.start();
    await until(() => outcomes.length === 0);
    await periodic.stop();
    expect(onError).toHaveBeenCalledTimes(2);
  });
});
