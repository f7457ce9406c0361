/** Bytes that can be read anywhere. */
export interface SoundFile {
  /** In bytes. */
  readonly size: number;
  /** Up to so many bytes from a place on; fewer at the end of the file, none behind it. */
  read(start: number, length: number): Promise<Buffer>;
}
