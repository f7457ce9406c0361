/** Above every rank: these two parts do not merge. */
const NO_RANK = 0x7fffffff;
/** Heap entries are `rank * POSITIONS + position`, exact in a double: ranks stay below 2^18. */
const POSITIONS = 2 ** 32;
/** Up to this many bytes, looking through all pairs is faster than keeping a heap. */
const SCAN_BYTES_MAX = 48;
/** Scratch arrays larger than this are given back after use. */
const SCRATCH_BYTES_KEPT = 64 * 1024;
/** Longest byte key that fits a number together with its length. */
const NUMBER_KEY_BYTES_MAX = 6;

/**
 * Merges one piece of text by byte-pair ranks, lowest rank first and leftmost among equals, and counts the tokens left.
 * O(n log n) in the bytes of the piece. Holds scratch arrays: not reentrant, which synchronous code cannot be.
 */
export class PieceMerger {
  /** Tokens that are no UTF-8 by themselves, by their bytes as a number or, where too long for that, as Latin-1. */
  private readonly byteRanks = new Map<number | string, number>();
  /** Ranks of all tokens of two bytes, by `first << 8 | second`: half of all look-ups are for these. */
  private readonly pairRanks = new Int32Array(0x10000).fill(NO_RANK);
  private bytes = new Uint8Array(0);
  /** UTF-16 index of each byte that starts a character, -1 for the others; one more entry for the end. */
  private charAt = new Int32Array(0);
  /** Start of the part after the one that starts here, and before it. */
  private next = new Int32Array(0);
  private previous = new Int32Array(0);
  /** Rank of the merge of the part that starts here with the next one. */
  private rank = new Int32Array(0);
  private heap = new Float64Array(0);
  private heapLength = 0;
  private piece = '';
  private length = 0;

  /**
   * @param ranks ranks of the tokens that are UTF-8, by text.
   * @param byteTokens the others, by their bytes.
   */
  constructor(
    private readonly ranks: ReadonlyMap<string, number>,
    byteTokens: Iterable<readonly [bytes: readonly number[], rank: number]>,
  ) {
    for (const [bytes, rank] of byteTokens) {
      this.byteRanks.set(keyOf(Uint8Array.from(bytes), 0, bytes.length), rank);
      this.notePair(bytes, rank);
    }
    for (const [text, rank] of ranks) {
      if (text.length <= 2) this.notePair(Buffer.from(text), rank);
    }
  }

  /** Tokens of a piece. A lone surrogate counts as U+FFFD, which is what it becomes on the wire. */
  count(piece: string): number {
    this.load(piece.toWellFormed());
    const tokens = this.length <= SCAN_BYTES_MAX ? this.mergeByScan() : this.mergeByHeap();
    if (this.bytes.length > SCRATCH_BYTES_KEPT) this.grow(SCRATCH_BYTES_KEPT);
    return tokens;
  }

  private notePair(bytes: ArrayLike<number>, rank: number): void {
    if (bytes.length === 2) this.pairRanks[((bytes[0] as number) << 8) | (bytes[1] as number)] = rank;
  }

  private load(piece: string): void {
    this.piece = piece;
    if (this.bytes.length < piece.length * 3) this.grow(Math.max(1024, piece.length * 3));
    const { bytes, charAt, next, previous, rank, pairRanks } = this;
    let length = 0;
    for (let i = 0; i < piece.length; i++) {
      charAt[length] = i;
      const unit = piece.charCodeAt(i);
      if (unit < 0x80) bytes[length++] = unit;
      else {
        const point = piece.codePointAt(i) as number;
        if (point > 0xffff) i++;
        length = writeUtf8(bytes, charAt, length, point);
      }
    }
    charAt[length] = piece.length;
    this.length = length;
    for (let i = 0; i < length; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      rank[i] =
        i + 1 < length ? (pairRanks[((bytes[i] as number) << 8) | (bytes[i + 1] as number)] as number) : NO_RANK;
    }
  }

  private mergeByScan(): number {
    const { next, rank, length } = this;
    for (let parts = length; ; parts--) {
      let best = NO_RANK;
      let at = 0;
      for (let i = 0; i < length; i = next[i] as number) {
        const found = rank[i] as number;
        if (found < best) {
          best = found;
          at = i;
        }
      }
      if (best === NO_RANK) return parts;
      this.mergeAt(at);
    }
  }

  private mergeByHeap(): number {
    const { rank, length } = this;
    this.heapLength = 0;
    for (let i = 0; i < length; i++) this.offer(i);
    let parts = length;
    while (this.heapLength > 0) {
      const entry = this.takeLowest();
      const found = Math.floor(entry / POSITIONS);
      const at = entry - found * POSITIONS;
      // Merged away or merged with something since: the entry for what is there now is in the heap as well.
      if (rank[at] !== found) continue;
      this.mergeAt(at);
      parts--;
      this.offer(at);
      const before = this.previous[at] as number;
      if (before >= 0) this.offer(before);
    }
    return parts;
  }

  /** Merges the part that starts here with the next one, and ranks the pairs that this changes. */
  private mergeAt(at: number): void {
    const { next, previous, rank, length } = this;
    const gone = next[at] as number;
    const after = next[gone] as number;
    next[at] = after;
    if (after < length) previous[after] = at;
    rank[gone] = NO_RANK;
    rank[at] = after < length ? this.rankOf(at, next[after] as number) : NO_RANK;
    const before = previous[at] as number;
    if (before >= 0) rank[before] = this.rankOf(before, after);
  }

  /** Rank of the token that these bytes make up, or {@link NO_RANK}. */
  private rankOf(start: number, end: number): number {
    const from = this.charAt[start] as number;
    const to = this.charAt[end] as number;
    const found =
      from >= 0 && to >= 0
        ? this.ranks.get(this.piece.slice(from, to))
        : this.byteRanks.get(keyOf(this.bytes, start, end));
    return found ?? NO_RANK;
  }

  private offer(at: number): void {
    const found = this.rank[at] as number;
    if (found === NO_RANK) return;
    const { heap } = this;
    const entry = found * POSITIONS + at;
    let i = this.heapLength++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as number;
      if (above <= entry) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = entry;
  }

  private takeLowest(): number {
    const { heap } = this;
    const lowest = heap[0] as number;
    const length = --this.heapLength;
    const moved = heap[length] as number;
    let i = 0;
    for (let child = 1; child < length; child = 2 * i + 1) {
      if (child + 1 < length && (heap[child + 1] as number) < (heap[child] as number)) child++;
      const below = heap[child] as number;
      if (below >= moved) break;
      heap[i] = below;
      i = child;
    }
    heap[i] = moved;
    return lowest;
  }

  private grow(length: number): void {
    this.bytes = new Uint8Array(length);
    this.charAt = new Int32Array(length + 1);
    this.next = new Int32Array(length);
    this.previous = new Int32Array(length);
    this.rank = new Int32Array(length);
    // Each merge takes one entry out and puts at most two in.
    this.heap = new Float64Array(2 * length + 2);
  }
}

/** Writes a character beyond ASCII, marks its later bytes in `charAt`, and returns the new length. */
function writeUtf8(bytes: Uint8Array, charAt: Int32Array, length: number, point: number): number {
  const size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  bytes[length] = (0xf00 >> size) | (point >> (6 * (size - 1)));
  for (let i = 1; i < size; i++) {
    bytes[length + i] = 0x80 | ((point >> (6 * (size - 1 - i))) & 0x3f);
    charAt[length + i] = -1;
  }
  return length + size;
}

function keyOf(bytes: Uint8Array, start: number, end: number): number | string {
  if (end - start > NUMBER_KEY_BYTES_MAX) return Buffer.from(bytes.subarray(start, end)).toString('latin1');
  // The leading 1 keeps keys of different lengths apart.
  let key = 1;
  for (let i = start; i < end; i++) key = key * 256 + (bytes[i] as number);
  return key;
}
