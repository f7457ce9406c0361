/**
 * What the one log line of a request says besides method, path, status and duration. Ids, codes, sizes and times only:
 * never a prompt, an answer or a secret.
 */
export interface RequestLog {
  /** Status of an answer that was written past the framework. */
  status?: number;
  keyId?: string;
  accountId?: string;
  model?: string;
  channel?: string;
  /** Attempts at upstreams, failed ones included. */
  attempts?: number;
  /** How the request ended: `done`, `failed`, `client_gone`, `shutdown`. */
  outcome?: string;
  /** Code of the error answer. */
  code?: string;
  /** Internal reason of a failure, already without secrets. */
  detail?: string;
  /** Time to the first content, in milliseconds. */
  firstTokenMs?: number;
  inputTokens?: number;
  outputTokens?: number;
  images?: number;
  /** Events of the upstream that could not be read and were dropped. */
  droppedEvents?: number;
  /** True between *admit* and *finish*; not part of the line. */
  isRunning?: boolean;
  /** Set when the connection closed while the request was still handled: whoever ends that calls it to write the line. */
  writeLine?: () => void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Filled by whoever handles the request, written when it ends. */
    hubLog: RequestLog;
  }
}
