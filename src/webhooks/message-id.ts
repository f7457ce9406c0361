/** The `webhook-id` of a message, the same in every attempt: receivers recognise repetitions by it. @param id a UUID. */
export function messageIdOf(id: string): string {
  return `msg_${id.replaceAll('-', '')}`;
}
