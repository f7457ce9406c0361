import { HUB_COMMAND, isReady, launch, type RunningProcess } from '../support/processes.js';
import { until } from '../support/until.js';

const START_AGAIN_MS = 500;
const STOP_MS_MAX = 20_000;
const READY_MS_MAX = 60_000;

/** What a hub said and how it ended, life after life. */
export interface HubLife {
  readonly hub: number;
  readonly wasReady: boolean;
  /** Somebody wanted it to end. */
  readonly wasAsked: boolean;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: () => string;
}

/** A hub that is started again whenever it ends, as a service manager would do it. */
export class SupervisedHub {
  readonly lives: HubLife[] = [];
  readonly url: string;
  /** Ready for traffic, as far as a load balancer that asks now and then would know. */
  isUp = false;
  private process: RunningProcess | undefined;
  private wasReady = false;
  private wasAsked = false;
  private isClosing = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    readonly index: number,
    readonly port: number,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  start(): void {
    this.running = this.supervise();
  }

  /** What the life under way has said so far. */
  currentOutput(): string {
    return this.process === undefined ? '' : `${this.process.stdout()}${this.process.stderr()}`;
  }

  async ready(): Promise<void> {
    await until(() => this.isUp, READY_MS_MAX).catch(() => {
      throw new Error(`hub ${this.index} is not ready within ${READY_MS_MAX} ms\n${this.currentOutput()}`);
    });
  }

  /** As a power cut would do it; it is started again. */
  kill(): void {
    this.wasAsked = true;
    this.isUp = false;
    this.signal('SIGKILL');
  }

  /** As a deployment does it; it is started again. Resolves when it is ready once more. */
  async restart(): Promise<void> {
    this.wasAsked = true;
    this.isUp = false;
    const before = this.lives.length;
    this.signal('SIGTERM');
    await until(() => this.lives.length > before, STOP_MS_MAX).catch(() => this.signal('SIGKILL'));
    await this.ready();
  }

  pause(): void {
    this.signal('SIGSTOP');
  }

  resume(): void {
    this.signal('SIGCONT');
  }

  /** Ends it for good, softly if it can. */
  async stop(): Promise<void> {
    this.isClosing = true;
    this.wasAsked = true;
    this.resume();
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), STOP_MS_MAX);
    await this.running;
    clearTimeout(timer);
  }

  private signal(name: NodeJS.Signals): void {
    try {
      if (this.process !== undefined) process.kill(this.process.pid, name);
    } catch {
      // It has just ended by itself.
    }
  }

  private async supervise(): Promise<void> {
    while (!this.isClosing) {
      const started = launch(HUB_COMMAND, this.env);
      this.process = started;
      [this.wasReady, this.wasAsked] = [false, false];
      let isOver = false;
      const watch = this.watch(() => isOver);
      const { code, signal } = await started.ended;
      isOver = true;
      this.isUp = false;
      this.process = undefined;
      await watch;
      const { wasReady, wasAsked } = this;
      const output = (): string => `${started.stdout()}${started.stderr()}`;
      this.lives.push({ hub: this.index, wasReady, wasAsked: wasAsked || this.isClosing, code, signal, output });
      if (!this.isClosing) await new Promise((resolve) => setTimeout(resolve, START_AGAIN_MS));
    }
  }

  private async watch(isOver: () => boolean): Promise<void> {
    while (!isOver() && !(await isReady(this.url))) await new Promise((resolve) => setTimeout(resolve, 200));
    if (isOver()) return;
    this.wasReady = true;
    this.isUp = true;
  }
}
