/** One server-sent event of an answer. `token` events are the ones that are paced. */
export interface StreamEvent {
  readonly kind: 'role' | 'token' | 'finish' | 'usage' | 'done';
  /** The `event:` field; left out on chat streams. */
  readonly name?: string;
  readonly data: string;
}

/** What an endpoint answers, before any byte is written. */
export type Reply =
  | { readonly type: 'json'; readonly body: unknown }
  | { readonly type: 'bytes'; readonly contentType: string; readonly bytes: Uint8Array }
  | { readonly type: 'stream'; readonly events: Iterable<StreamEvent> };

/** The event that closes a stream of OpenAI's. */
export const DONE_EVENT: StreamEvent = { kind: 'done', data: '[DONE]' };
