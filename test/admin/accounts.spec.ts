import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { countStatements } from '../support/count-statements.js';
import { startHub, type TestHub } from '../support/hub.js';

const CREATE = `mutation ($input: CreateAccountInput!) { createAccount(input: $input) { id name version status group { name } } }`;

describe('accounts', () => {
  let hub: TestHub;
  let admin: AdminClient;
  beforeAll(async () => {
    hub = await startHub();
    admin = await signInAs(hub, 'admin');
  });
  afterAll(() => hub.close());

  it('are made without quota, in the standard group', async () => {
    const { createAccount } = await admin.data(CREATE, { input: { name: 'Acme' } });
    expect(createAccount).toMatchObject({ name: 'Acme', version: 1, status: 'ACTIVE', group: { name: 'default' } });
    console.log(
      await countStatements(hub, () =>
        admin.data(
          `{ accounts(first: 100) { nodes { id name balance { total remainingUnits } group { name accountCount } apiKeys(first: 5) { nodes { name budgets { limit } } } users { email } } } }`,
        ),
      ),
    );
  });
});
