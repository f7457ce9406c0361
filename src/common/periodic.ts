/**
 * Work that is done again and again, one run at a time. A run that fails does not end the series; of several that fail in a
 * row the first is reported, so that an outage is one line in the log.
 */
export class Periodic {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isWantedAgain = false;
  private isFailing = false;

  /** @param onError is told of a failure after a success; it must not throw. */
  constructor(
    private readonly work: () => Promise<void>,
    private readonly everyMs: number,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Begins; the first run is after `everyMs`. */
  start(): void {
    this.timer ??= setInterval(() => this.runSoon(), this.everyMs).unref();
  }

  /** Runs now or, when a run is on, once more after it. Does nothing while not started. */
  runSoon(): void {
    if (this.timer === undefined) return;
    if (this.running !== undefined) {
      this.isWantedAgain = true;
      return;
    }
    this.running = this.run();
  }

  /** Begins no more runs, and waits for the one that is on. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    this.isWantedAgain = false;
    await this.running;
  }

  private async run(): Promise<void> {
    do {
      this.isWantedAgain = false;
      try {
        await this.work();
        this.isFailing = false;
      } catch (error) {
        if (!this.isFailing) this.onError(error);
        this.isFailing = true;
      }
    } while (this.isWantedAgain);
    this.running = undefined;
  }
}
