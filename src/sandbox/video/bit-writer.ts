/** Writes numbers bit by bit, as H.264 does (ITU-T H.264, 7.2 and 9.1). */
export class BitWriter {
  private bytes = Buffer.alloc(1024);
  private length = 0;
  private current = 0;
  private bitCount = 0;

  /** `count` bits of a number, the highest first; at most 24. */
  bits(value: number, count: number): void {
    for (let shift = count - 1; shift >= 0; shift--) {
      this.current = (this.current << 1) | ((value >>> shift) & 1);
      if (++this.bitCount === 8) this.flush();
    }
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

  private flush(): void {
    if (this.length === this.bytes.length) this.bytes = Buffer.concat([this.bytes, Buffer.alloc(this.bytes.length)]);
    this.bytes[this.length++] = this.current;
    this.current = 0;
    this.bitCount = 0;
  }
}
