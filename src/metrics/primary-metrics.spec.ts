import { beforeEach, describe, expect, it } from '@jest/globals';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PrimaryMetrics, type WorkerPort } from './primary-metrics.js';
import type { PrimaryMessage } from './worker-messages.js';

/** Shorter than anybody would wait, long enough for answers that come at once. */
const ANSWER_MS_MAX = 200;

/** A worker that answers at once, unless it hangs. */
class FakeWorker implements WorkerPort {
  readonly heard: PrimaryMessage[] = [];
  isHanging = false;
  private readonly registry = new Registry();
  private readonly counter = new Counter({ name: 'requests_total', help: 'h', registers: [this.registry] });
  private readonly gauge = new Gauge({ name: 'running', help: 'h', registers: [this.registry] });
  private readonly histogram = new Histogram({
    name: 'seconds',
    help: 'h',
    labelNames: ['route'],
    buckets: [1],
    registers: [this.registry],
  });

  constructor(
    readonly id: number,
    private readonly metrics: PrimaryMetrics,
  ) {
    metrics.hear(this, { hubMetrics: 'here' });
  }

  serve(requests: number): this {
    this.counter.inc(requests);
    this.gauge.set(requests);
    this.histogram.observe({ route: 'chat' }, requests);
    return this;
  }

  send(message: PrimaryMessage): void {
    this.heard.push(message);
    if (message.hubMetrics !== 'ask' || this.isHanging) return;
    const { id } = message;
    void this.registry.getMetricsAsJSON().then((own) => {
      // As it comes out of the channel between two processes.
      const snapshot = JSON.parse(JSON.stringify(own)) as typeof own;
      this.metrics.hear(this, { hubMetrics: 'own', id, snapshot });
    });
  }
}

describe('the metrics of several workers', () => {
  let metrics: PrimaryMetrics;
  beforeEach(() => {
    metrics = new PrimaryMetrics(ANSWER_MS_MAX);
  });
  const lines = async (): Promise<string[]> => (await metrics.collect()).split('\n');

  it('are their sums', async () => {
    new FakeWorker(1, metrics).serve(3);
    new FakeWorker(2, metrics).serve(4);
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'requests_total 7',
        'running 7',
        'seconds_sum{route="chat"} 7',
        'seconds_count{route="chat"} 2',
        'hub_workers{state="answering"} 2',
        'hub_workers{state="silent"} 0',
      ]),
    );
  });

  it('go to the worker that wants them', async () => {
    const worker = new FakeWorker(1, metrics).serve(3);
    const other = new FakeWorker(2, metrics);
    metrics.hear(worker, { hubMetrics: 'want', id: 7 });
    const text = await metrics.collect();
    expect(worker.heard).toContainEqual({ hubMetrics: 'all', id: 7, text });
    expect(other.heard).not.toContainEqual(expect.objectContaining({ hubMetrics: 'all' }));
  });

  it('never count down when a worker ends and another takes its place', async () => {
    new FakeWorker(1, metrics).serve(3);
    const second = new FakeWorker(2, metrics).serve(4);
    await metrics.collect();
    metrics.leave(second.id);
    expect(await lines()).toEqual(expect.arrayContaining(['requests_total 7', 'running 3']));
    const third = new FakeWorker(3, metrics).serve(10);
    expect(await lines()).toEqual(expect.arrayContaining(['requests_total 17', 'running 13']));
    metrics.leave(third.id);
    expect(await lines()).toEqual(
      expect.arrayContaining(['requests_total 17', 'running 3', 'seconds_count{route="chat"} 3']),
    );
  });

  it('keep the counts of however many workers have ended, at once', async () => {
    for (let id = 1; id <= 20; id++) {
      const worker = new FakeWorker(id, metrics).serve(1);
      await metrics.collect();
      metrics.leave(worker.id);
      expect(await lines()).toContain(`requests_total ${id}`);
    }
  });

  it('count with what a worker said last when it does not answer, and say so', async () => {
    new FakeWorker(1, metrics).serve(3);
    const hanging = new FakeWorker(2, metrics).serve(4);
    await metrics.collect();
    hanging.serve(100);
    hanging.isHanging = true;
    expect(await lines()).toEqual(
      expect.arrayContaining(['requests_total 7', 'running 3', 'hub_workers{state="silent"} 1']),
    );
  });

  it('wait for no worker that ends while it is asked', async () => {
    const hanging = new FakeWorker(1, metrics).serve(4);
    hanging.isHanging = true;
    const patient = new PrimaryMetrics(60_000);
    patient.hear(hanging, { hubMetrics: 'here' });
    const text = patient.collect();
    patient.leave(hanging.id);
    expect(await text).toContain('hub_workers{state="answering"} 0');
  });

  it('pay no attention to what else workers say', async () => {
    const worker = new FakeWorker(1, metrics).serve(3);
    for (const message of [{ banner: 'x' }, 'text', null, undefined]) metrics.hear(worker, message);
    expect(await lines()).toContain('requests_total 3');
  });
});
