import cluster, { type Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';
import { jest } from '@jest/globals';
import { runPrimary } from './cluster.js';

const COUNT = 3;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

describe('the banner of several workers', () => {
  let workers: EventEmitter[];
  let printed: string[];
  const listeners = SIGNALS.map((signal) => process.listeners(signal));

  beforeEach(() => {
    workers = [];
    printed = [];
    jest.spyOn(cluster, 'fork').mockImplementation(() => {
      const worker = new EventEmitter();
      workers.push(worker);
      return worker as Worker;
    });
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
    runPrimary(COUNT, () => undefined);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    for (const [index, signal] of SIGNALS.entries()) {
      for (const listener of process.listeners(signal)) {
        if (!listeners[index]?.includes(listener)) process.off(signal, listener);
      }
    }
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
