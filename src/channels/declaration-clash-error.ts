/** Something is declared under a name that an operator gave to a row of their own. */
export class DeclarationClashError extends Error {
  override readonly name = 'DeclarationClashError';

  constructor(kind: 'channel' | 'model', id: string) {
    super(
      `The ${kind} "${id}" is declared in the configuration, but an operator has made a ${kind} of that name. ` +
        `Rename or remove one of them.`,
    );
  }
}
