/** Something that must never happen: it ends a simulation, and the seed is reported. */
export class Finding extends Error {
  override readonly name = 'Finding';
}
