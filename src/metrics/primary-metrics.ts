import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, Gauge, type PrometheusContentType, Registry } from 'prom-client';
import { isMetricsMessage, type MetricsSnapshot, type PrimaryMessage, type WorkerMessage } from './worker-messages.js';

/** How long a worker may take to answer: one that is busier than that is counted with what it said last. */
const ANSWER_MS_MAX = 2000;

/** A worker as it is seen from the process that started it. */
export interface WorkerPort {
  readonly id: number;
  send(message: PrimaryMessage): void;
}

interface Member {
  readonly port: WorkerPort;
  /** What it said last. */
  latest: MetricsSnapshot;
}

/** One round of questions. */
interface Round {
  readonly unanswered: Set<number>;
  readonly end: () => void;
}

/**
 * Puts the metrics of all workers together. Counts of workers that have ended are kept, as far as they were known, and so are
 * those of one that does not answer: a sum that goes down would be read as a restart, and everything in it as new.
 */
export class PrimaryMetrics {
  private readonly members = new Map<number, Member>();
  /** What workers that have ended had counted. */
  private readonly gone: MetricsSnapshot[] = [];
  private readonly rounds = new Map<number, Round>();
  private lastRound = 0;
  private running: Promise<string> | undefined;

  constructor(private readonly answerMsMax = ANSWER_MS_MAX) {}

  /** Takes any message of a worker; those that are not about metrics are none of its business. */
  hear(port: WorkerPort, message: unknown): void {
    if (!isMetricsMessage<WorkerMessage>(message)) return;
    if (message.hubMetrics === 'here') this.members.set(port.id, { port, latest: [] });
    else if (message.hubMetrics === 'own') this.takeAnswer(port.id, message.id, message.snapshot);
    else void this.collect().then((text) => port.send({ hubMetrics: 'all', id: message.id, text }));
  }

  /** A worker has ended. */
  leave(id: number): void {
    const latest = this.members.get(id)?.latest;
    this.members.delete(id);
    for (const round of this.rounds.values()) settle(round, id);
    if (latest !== undefined && latest.length > 0) this.gone.push(countsOf(latest));
  }

  /** The metrics of all as text; two that ask at once share one round. */
  collect(): Promise<string> {
    this.running ??= this.askAll().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async askAll(): Promise<string> {
    await this.compact();
    const asked = [...this.members.keys()];
    const silent = await this.askRound(asked);
    const snapshots = [...this.members].map(([id, { latest }]) => (silent.has(id) ? countsOf(latest) : latest));
    const sum = sumOf([
      ...this.gone,
      ...snapshots,
      await this.workersSnapshot(this.members.size - silent.size, silent.size),
    ]);
    return sum.metrics();
  }

  /** Makes one of what many have left. Others may leave meanwhile: they come after these. */
  private async compact(): Promise<void> {
    const { length } = this.gone;
    if (length < 2) return;
    this.gone.splice(0, length, await sumOf(this.gone.slice(0, length)).getMetricsAsJSON());
  }

  /** Asks these workers. @returns those that did not answer in time. */
  private async askRound(asked: readonly number[]): Promise<ReadonlySet<number>> {
    const id = ++this.lastRound;
    const unanswered = new Set(asked);
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((end) => {
      this.rounds.set(id, { unanswered, end });
      timer = setTimeout(end, this.answerMsMax);
      for (const member of asked) this.members.get(member)?.port.send({ hubMetrics: 'ask', id });
      if (unanswered.size === 0) end();
    });
    clearTimeout(timer);
    this.rounds.delete(id);
    return unanswered;
  }

  private takeAnswer(workerId: number, roundId: number, snapshot: MetricsSnapshot): void {
    const member = this.members.get(workerId);
    if (member !== undefined) member.latest = snapshot;
    const round = this.rounds.get(roundId);
    if (round !== undefined) settle(round, workerId);
  }

  private async workersSnapshot(answering: number, silent: number): Promise<MetricsSnapshot> {
    const registry = new Registry();
    const gauge = new Gauge({
      name: 'hub_workers',
      help: 'Workers whose metrics are in this answer; of silent ones only what they had counted before.',
      labelNames: ['state'],
      registers: [registry],
    });
    gauge.set({ state: 'answering' }, answering);
    gauge.set({ state: 'silent' }, silent);
    return registry.getMetricsAsJSON();
  }
}

/** Serves the workers of this process. */
export function servePrimaryMetrics(): void {
  const metrics = new PrimaryMetrics();
  const portOf = (worker: Worker): WorkerPort => ({
    id: worker.id,
    // Between its end and the news of it a worker cannot be reached.
    send: (message) => {
      if (worker.isConnected()) worker.process.send(message, undefined, undefined, () => undefined);
    },
  });
  cluster.on('message', (worker: Worker, message: unknown) => metrics.hear(portOf(worker), message));
  cluster.on('exit', (worker: Worker) => metrics.leave(worker.id));
}

function settle(round: Round, workerId: number): void {
  if (round.unanswered.delete(workerId) && round.unanswered.size === 0) round.end();
}

/** Only what counts up: the state of a worker that cannot be asked is not known. */
function countsOf(snapshot: MetricsSnapshot): MetricsSnapshot {
  return snapshot.filter((metric) => isCount(String(metric.type)));
}

function isCount(type: string): boolean {
  return type === 'counter' || type === 'histogram';
}

function sumOf(snapshots: readonly MetricsSnapshot[]): Registry<PrometheusContentType> {
  return AggregatorRegistry.aggregate<PrometheusContentType>([...snapshots]);
}
