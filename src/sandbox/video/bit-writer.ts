/** Writes numbers bit by bit, as H.264 does (ITU-T H.264, 7.2 and 9.1). */
export class BitWriter {
  private bytes = Buffer.alloc(1024);
  private length = 0;
  private current = 0;
  private bitCount = 0;

  /** `count` bits of a number, the highest first; at most 24. */
  bits(value: number, count: number): void {
    this.current = (this.current << count) | value;
    this.bitCount += count;
    while (this.bitCount >= 8) {
      this.bitCount -= 8;
      this.put((this.current >>> this.bitCount) & 0xff);
    }
    // What is left is less than a byte, so that 24 more bits fit.
    this.current &= 0xff;
  }

  /** ue(v): an unsigned Exp-Golomb number. */
  unsigned(value: number): void {
    const width = 32 - Math.clz32(value + 1);
    this.bits(0, width - 1);
    this.bits(value + 1, width);
  }

  /** se(v): a signed Exp-Golomb number. */
  signed(value: number): void {
    this.unsigned(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** rbsp_trailing_bits, and everything written so far. */
  end(): Buffer {
    this.bits(1, 1);
    while (this.bitCount !== 0) this.bits(0, 1);
    return this.bytes.subarray(0, this.length);
  }

  private put(byte: number): void {
    if (this.length === this.bytes.length) this.bytes = Buffer.concat([this.bytes, Buffer.alloc(this.bytes.length)]);
    this.bytes[this.length++] = byte;
  }
}
