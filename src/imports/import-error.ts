/** The import cannot be carried out at all; nothing was changed. The message is for the operator and holds no secret. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}
