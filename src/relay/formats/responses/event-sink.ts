/** Where the events of an answer go. */
export interface EventSink {
  /** @param members what the event has besides its type and its number. */
  event(type: string, members: Readonly<Record<string, unknown>>): void;
  /**
   * The same for what there are many of, put together by hand.
   * @param members JSON text of the members, each with a comma before it.
   */
  text(type: string, members: string): void;
}

/** For whole answers, which have no events. */
export const NO_EVENTS: EventSink = { event: () => undefined, text: () => undefined };
