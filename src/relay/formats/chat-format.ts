import type { HubError } from '../../common/hub-error.js';
import type { ChatAnswer, ChatChunk, ChatRequest } from '../../providers/canonical/chat.js';
import type { Usage } from '../../providers/canonical/usage.js';

/**
 * A format in which callers hold chats: how their bodies are read and how they are answered. `ChatService` does everything else, and the
 * same for all. One object may serve many requests; what belongs to a request is in {@link ReadChat}.
 */
export interface ChatFormat {
  /** For the usage event, such as `chat/completions`. */
  readonly endpoint: string;
  /**
   * Reads a body into the canonical request.
   * @throws HubError 400 that names the field in the words of this format.
   */
  read(body: Uint8Array): ReadChat;
}

/** A request as its format has read it, and what that has to remember for the answer. */
export interface ReadChat {
  readonly request: ChatRequest;
  /** Undefined where the caller's names are the canonical ones. */
  readonly wording?: RequestWording;
  /** Opens the writer of a streamed answer. It is opened once for a request, whatever number of attempts there are. */
  openStream(facts: AnswerFacts): ChatStreamWriter;
  /** Writes a whole answer: the body that the caller gets, and gets again with the same Idempotency-Key. */
  toWhole(answer: ChatAnswer, facts: AnswerFacts): Uint8Array;
}

/** The caller's names for what the canonical request calls otherwise. */
export interface RequestWording {
  /**
   * Members that the canonical request has no words for; where it is what the upstream is asked, they are reported with those that the
   * upstream does not know.
   */
  readonly dropped: readonly string[];
  /**
   * The caller's name of a member.
   * @param param a path in an error, such as `messages[2].content[0].text`, or a general name in a list of what was left out, such as
   * `messages[].name`.
   */
  toOwn(param: string): string;
}

/** What the hub knows of an answer, and its upstream may not have said. */
export interface AnswerFacts {
  /** `req_…`, of which formats make the ids that they need. */
  readonly requestId: string;
  /** Tokens of the prompt as the hub counts them; stands in where none are reported. */
  readonly promptTokens: number;
  /** Tokens of the output so far as the hub counts them; stands in where none are reported. Counting takes time: ask once. */
  outputTokens(): number;
}

/** Identity of an answer, the same for all of its chunks and of all attempts. */
export interface AnswerHead {
  /** The upstream's, or one of the hub's own. */
  readonly id: string;
  /** Unix time in seconds. */
  readonly created: number;
}

/**
 * Writes a streamed answer, event by event. It is given chunks that are in shape (see `ChatShaper`): each role once, each choice finished
 * once, nothing before the first content is shown. What it returns is sent, so that it may keep count of what the caller has seen.
 */
export interface ChatStreamWriter {
  /** The next chunk as events; '' when nothing of it is to be seen. */
  chunk(chunk: ChatChunk, head: AnswerHead): string;
  /** Takes what has been reported so far, for formats that say it at the beginning of an answer. */
  noteUsage?(usage: Usage): void;
  /**
   * The last events of a complete answer, but for {@link end}; '' for none.
   * @param usage the last word on what was consumed, of several attempts together; undefined when nothing was reported.
   * @param wire the same in the shape of chat/completions, with what the vendor says beyond it.
   */
  tail(usage: Usage | undefined, wire: Readonly<Record<string, unknown>> | undefined): string;
  /** Says that the answer is complete; it is sent when its books are closed, and never after a failure. */
  end(): string;
  /** Says that the answer has failed, after which nothing follows. */
  error(error: HubError): string;
  /** A sign of life in times of silence; left out where a comment will do. */
  readonly ping?: string;
}
