import cluster, { type Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';
import { jest } from '@jest/globals';
import { runPrimary } from './cluster.js';

const COUNT = 3;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** As much of a worker as its primary looks at. */
class FakeWorker extends EventEmitter {
  isOver = false;

  isDead(): boolean {
    return this.isOver;
  }
}

let workers: FakeWorker[];
const listeners = SIGNALS.map((signal) => process.listeners(signal));

beforeEach(() => {
  workers = [];
  jest.spyOn(cluster, 'fork').mockImplementation(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as Worker;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  for (const [index, signal] of SIGNALS.entries()) {
    for (const listener of process.listeners(signal)) {
      if (!listeners[index]?.includes(listener)) process.off(signal, listener);
    }
  }
});

describe('the banner of several workers', () => {
  let printed: string[];

  beforeEach(() => {
    printed = [];
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
    runPrimary(COUNT, () => undefined);
  });
  const ready = (index: number, isFirstStart: boolean) =>
    workers[index]?.emit('message', { banner: `banner ${index}`, isFirstStart });

  it('is printed once, when all serve', () => {
    ready(0, false);
    ready(1, false);
    expect(printed).toEqual([]);
    ready(2, false);
    ready(1, false);
    expect(printed).toEqual(['banner 2']);
  });

  it('waits for nobody when it shows the secrets of a first start', () => {
    ready(0, false);
    ready(1, true);
    expect(printed).toEqual(['banner 1']);
    ready(2, false);
    expect(printed).toEqual(['banner 1']);
  });
});

describe('workers of which none comes to serve', () => {
  it('end the primary with exit code 1, also when the news of the end of their connections comes late', () => {
    // Others would take their places a second later.
    jest.useFakeTimers();
    const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    runPrimary(COUNT, () => undefined);
    // Node takes a worker off this list when it has ended and its connection has.
    jest.replaceProperty(
      cluster,
      'workers',
      Object.fromEntries(workers.entries()) as unknown as typeof cluster.workers,
    );
    for (const worker of workers) {
      expect(exit).not.toHaveBeenCalled();
      worker.isOver = true;
      worker.emit('exit', 1, null);
    }
    expect(exit).toHaveBeenCalledWith(1);
  });
});
