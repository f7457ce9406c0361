import { Worker } from 'node:worker_threads';
import { SAMPLE_TEXTS } from '../../test/support/sample-texts.js';
import { until } from '../../test/support/until.js';
import { CountThread, type CountThreadOptions } from './count-thread.js';
import { encodingNamed } from './encodings.js';

const LOADER = new URL('../../test/support/register-ts.mjs', import.meta.url).href;
const opened: CountThread[] = [];
const started: Worker[] = [];

/** The real thread, run from the source. */
function startReal(): Worker {
  const worker = new Worker(new URL('./count-worker.ts', import.meta.url), { execArgv: ['--import', LOADER] });
  started.push(worker);
  return worker;
}

/** A thread with this code. */
function startScript(code: string): Worker {
  const worker = new Worker(`const { parentPort } = require('node:worker_threads'); ${code}`, { eval: true });
  started.push(worker);
  return worker;
}

const SILENT = `parentPort.on('message', () => {});`;
const ECHO = `parentPort.on('message', ({ texts }) => parentPort.postMessage(texts.length));`;

function open(options: CountThreadOptions): CountThread {
  const thread = new CountThread({ timeoutMs: 20_000, ...options });
  opened.push(thread);
  return thread;
}

const job = (...texts: string[]) => ({ encoding: 'o200k_base' as const, texts });

describe('CountThread', () => {
  beforeEach(() => {
    started.length = 0;
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((thread) => thread.close()));
  });

  it('counts as exactly as the event loop would, one job after another', async () => {
    const thread = open({ start: startReal });
    const texts = [SAMPLE_TEXTS.english.repeat(200), SAMPLE_TEXTS.japanese];
    const exact = texts.reduce((sum, text) => sum + encodingNamed('o200k_base').count(text), 0);
    const answers = await Promise.all([thread.count(job(...texts), 1), thread.count(job('Hello, world!'), 1)]);
    expect(answers).toEqual([exact, 4]);
    expect(started).toHaveLength(1);
  });

  it('starts nothing before the first job', async () => {
    open({ start: startReal });
    expect(started).toHaveLength(0);
  });

  it('takes no more than its queue holds', async () => {
    const thread = open({ start: () => startScript(SILENT), jobsMax: 2, charsMax: 100 });
    const first = thread.count(job('a'), 60);
    expect(await thread.count(job('b'), 60)).toBeUndefined();
    const second = thread.count(job('c'), 40);
    expect(await thread.count(job('d'), 0)).toBeUndefined();
    await thread.close();
    expect(await Promise.all([first, second])).toEqual([undefined, undefined]);
    expect(await thread.count(job('e'), 1)).toBeUndefined();
  });

  it('has room again after an answer', async () => {
    const thread = open({ start: () => startScript(ECHO), jobsMax: 1, charsMax: 10 });
    for (let i = 0; i < 5; i++) expect(await thread.count(job('a', 'b'), 10)).toBe(2);
    expect(started).toHaveLength(1);
  });

  it('gives up a job that takes too long, takes none until the thread is free, and then goes on with it', async () => {
    const slow = `let ms = 1000; parentPort.on('message', ({ texts }) => {
      setTimeout(() => parentPort.postMessage(texts.length), ms);
      ms = 0;
    });`;
    const thread = open({ start: () => startScript(slow), timeoutMs: 500 });
    expect(await thread.count(job('a', 'b'), 1)).toBeUndefined();
    const later = new Promise((resolve) => setImmediate(() => resolve('waits')));
    expect(await Promise.race([thread.count(job('a'), 1), later])).toBeUndefined();
    // The answer to the first job is nobody's any more.
    expect(await until(() => thread.count(job('a'), 1))).toBe(1);
    expect(started).toHaveLength(1);
  });

  it('ends a thread that hangs, and starts another for the next job', async () => {
    let count = 0;
    const start = () => startScript(count++ === 0 ? 'for (;;);' : ECHO);
    const thread = open({ start, timeoutMs: 300, hangMs: 600 });
    expect(await thread.count(job('a'), 1)).toBeUndefined();
    await until(async () => (await thread.count(job('a'), 1)) === 1);
    // A busy machine may need more than one to start another in time.
    expect(started.length).toBeGreaterThanOrEqual(2);
    await until(() => started[0]?.threadId === -1);
  });

  it('gives up a job that waits too long behind others', async () => {
    const thread = open({ start: () => startScript(SILENT), timeoutMs: 300 });
    expect(await Promise.all([thread.count(job('a'), 1), thread.count(job('b'), 1)])).toEqual([undefined, undefined]);
  });

  it('answers nothing when the thread crashes, and rests before it starts another', async () => {
    let now = 0;
    let code = `parentPort.on('message', () => { throw new Error('broken'); });`;
    const thread = open({ start: () => startScript(code), now: () => now });
    expect(await Promise.all([thread.count(job('a'), 1), thread.count(job('b'), 1)])).toEqual([undefined, undefined]);
    code = ECHO;
    expect(await thread.count(job('a'), 1)).toBeUndefined();
    now = 10_001;
    expect(await thread.count(job('a'), 1)).toBe(1);
    expect(started).toHaveLength(2);
  });

  it('answers nothing when no thread can be started', async () => {
    const thread = open({
      start: () => {
        throw new Error('no threads left');
      },
    });
    expect(await thread.count(job('a'), 1)).toBeUndefined();
    const missing = open({ start: () => new Worker('/nowhere/count-worker.js') });
    expect(await missing.count(job('a'), 1)).toBeUndefined();
  });
});
