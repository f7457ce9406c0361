/** Bytes that can be read anywhere. */
export interface SoundFile {
  /** In bytes. */
  readonly size: number;
  /** Up to so many bytes from a place on; fewer at the end of the file, none behind it. */
  read(start: number, length: number): Promise<Buffer>;
}

/** How long sound plays. */
export interface SoundLength {
  /** Milliseconds. */
  readonly ms: number;
  /** The frames or samples themselves were counted, so that no header can say less than what is there. */
  readonly isCounted: boolean;
}
