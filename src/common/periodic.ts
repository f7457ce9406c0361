/** Work that is done again and again, one run at a time; a run that fails is reported and does not end the series. */
export class Periodic {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isWantedAgain = false;

  /** @param onError is told of a run that failed; it must not throw. */
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
      } catch (error) {
        this.onError(error);
      }
    } while (this.isWantedAgain);
    this.running = undefined;
  }
}
