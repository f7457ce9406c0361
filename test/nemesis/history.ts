/** What an operation is. */
export type OperationKind = 'chat' | 'stream' | 'embeddings' | 'images' | 'redemption' | 'grant';

/**
 * How a try ended for the client:
 * - `ok`: a complete 200, or a stream up to `[DONE]`
 * - `fail`: an error status, complete
 * - `refused`: the connection was refused, so nothing was asked
 * - `info`: anything else: it may or may not have happened
 */
export type TryOutcome = 'ok' | 'fail' | 'refused' | 'info';

/** One try of an operation. */
export interface Try {
  readonly outcome: TryOutcome;
  readonly status?: number;
  readonly code?: string;
  readonly requestId?: string;
  /** It was the answer of an earlier try, given once more. */
  readonly isReplay?: boolean;
  readonly retryAfter?: string;
  readonly hub: number;
  readonly atMs: number;
  readonly ms: number;
}

/** One thing a client wants, with every try it made at it. */
export interface Operation {
  readonly id: string;
  readonly kind: OperationKind;
  readonly accountId: string;
  /** What a complete answer costs, in nano-credits; for redemptions and grants what they bring. */
  readonly cost: bigint;
  /** Its tries carry one Idempotency-Key, or mean the same by themselves. */
  readonly isIdempotent: boolean;
  /** The code or the reference of a grant. */
  readonly subject?: string;
  readonly tries: Try[];
}

/** The client's log. */
export class History {
  readonly operations = new Map<string, Operation>();
  private count = 0;

  begin(operation: Omit<Operation, 'id' | 'tries'>): Operation {
    const begun = { ...operation, id: `op-${++this.count}-`, tries: [] };
    this.operations.set(begun.id, begun);
    return begun;
  }
}
