/** A backup, restore or move that cannot be done as asked; the message is for the operator. Nothing was changed. */
export class CareError extends Error {
  override readonly name = 'CareError';
}
