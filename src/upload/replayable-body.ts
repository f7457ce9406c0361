/** A body that is opened anew for each attempt, for uploads that are too large for memory. */
export interface ReplayableBody {
  readonly contentType: string;
  readonly contentLength: number;
  open(): AsyncIterable<Uint8Array>;
}
