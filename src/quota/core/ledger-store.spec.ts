import { LedgerStoreError } from './ledger-store.js';

describe('a failed call of the store', () => {
  it('says why, down to what the driver said', () => {
    const cause = new Error('The database is not available', { cause: new Error('connect ECONNREFUSED') });
    const error = new LedgerStoreError('unavailable', cause);
    expect(error.message).toBe(
      "The ledger's database call failed: unavailable: The database is not available: connect ECONNREFUSED",
    );
    expect(error.cause).toBe(cause);
  });

  it('has nothing to add without a cause', () => {
    expect(new LedgerStoreError('locked', undefined).message).toBe("The ledger's database call failed: locked");
  });
});
