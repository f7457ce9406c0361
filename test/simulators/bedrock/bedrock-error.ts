/** A refusal in the vendor's words. */
export class BedrockError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** What validation says. */
export function refused(message: string): BedrockError {
  return new BedrockError(400, 'ValidationException', message);
}
