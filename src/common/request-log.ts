/**
 * The one log line of a request. Ids, codes, sizes and times only: never a prompt, an answer or a secret. Its public
 * fields are the line, in this order; whoever handles the request fills them.
 */
export class RequestLog {
  id = '';
  method = '';
  /** The route's pattern rather than the address, which may carry what a client should not have put there. */
  path = '';
  status = 0;
  /** From the arrival of the request to the end of its answer, in milliseconds. */
  ms = 0;
  keyId: string | undefined;
  accountId: string | undefined;
  model: string | undefined;
  /** The upstream model that says it has answered, when it is another than was asked for: it may be billed at other prices. */
  servedModel: string | undefined;
  channel: string | undefined;
  /** Attempts at upstreams, failed ones included. */
  attempts: number | undefined;
  /** Channels that were not asked, each with the reason: `name kind, name kind`. */
  passedOver: string | undefined;
  /** The hub's own part of the time: before and between attempts, in milliseconds. */
  addedMs: number | undefined;
  /** How the request ended: `done`, `failed`, `client_gone`, `shutdown`. */
  outcome: string | undefined;
  /** Code of the error answer. */
  code: string | undefined;
  /** Internal reason of a failure, already without secrets. */
  detail: string | undefined;
  /** Time to the first content, in milliseconds. */
  firstTokenMs: number | undefined;
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  images: number | undefined;
  /** Events of the upstream that could not be read and were dropped. */
  droppedEvents: number | undefined;
  #isRunning = false;
  #writeLine: (() => void) | undefined;

  /** True between *admit* and *finish*. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** The request was admitted: its line waits for {@link RequestLog.finish}, also when the client leaves before. */
  begin(): void {
    this.#isRunning = true;
  }

  /** The request was finished; writes a line that waited for it. */
  finish(): void {
    this.#isRunning = false;
    this.writeWaiting();
  }

  /** The connection closed while the request was still handled: the line is written by whoever ends that. */
  wait(writeLine: () => void): void {
    this.#writeLine = writeLine;
  }

  /** Writes a line that waits, once. */
  writeWaiting(): void {
    const write = this.#writeLine;
    this.#writeLine = undefined;
    write?.();
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Filled by whoever handles the request, written when it ends. */
    hubLog: RequestLog;
  }
}
