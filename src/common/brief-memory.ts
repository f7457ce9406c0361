/**
 * Asks one question at a time and believes each answer for a while, so that many askers cost no more than one.
 */
export class BriefMemory<Answer> {
  private running: Promise<Answer> | undefined;
  private known: { readonly answer: Answer; readonly since: number } | undefined;

  /**
   * @param ask when it throws, all who wait are told, and the next one asks anew.
   * @param now monotonic milliseconds.
   */
  constructor(
    private readonly ask: () => Promise<Answer>,
    private readonly keepMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The last answer while it is young enough, otherwise the one that is under way or a new one. */
  async get(): Promise<Answer> {
    if (this.known !== undefined && this.now() - this.known.since < this.keepMs) return this.known.answer;
    this.running ??= this.askNow().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async askNow(): Promise<Answer> {
    const answer = await this.ask();
    this.known = { answer, since: this.now() };
    return answer;
  }
}
