/** The master key is missing or not the one the stored keys were wrapped with. The start stops here. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError';
}
