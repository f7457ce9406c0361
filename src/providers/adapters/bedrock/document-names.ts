const NAME_CHARACTERS_MAX = 180;

/** Gives the files of a request names as the vendor wants them: of few characters, and no two alike. */
export class DocumentNames {
  private readonly taken = new Set<string>();
  private count = 0;

  /** @param filename of the caller's; one that says nothing becomes a number. */
  nameOf(filename: unknown): string {
    this.count++;
    const given = typeof filename === 'string' ? filename : '';
    const plain = given
      .replace(/[^A-Za-z0-9()[\]-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, NAME_CHARACTERS_MAX);
    const base = plain === '' ? `file ${this.count}` : plain;
    let name = base;
    for (let number = 2; this.taken.has(name); number++) name = `${base} ${number}`;
    this.taken.add(name);
    return name;
  }
}
