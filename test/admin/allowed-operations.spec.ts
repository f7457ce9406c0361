import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { type TestHub } from '../support/hub.js';

const LISTED = 'query Health { systemHealth { database } }';

describe('a hub with a list of allowed operations', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-operations-'));
  const file = join(folder, 'operations.json');
  let hub: TestHub;
  let owner: AdminClient;
  beforeAll(async () => {
    writeFileSync(file, JSON.stringify([LISTED, 'subscription Jobs { jobFeed { id } }']));
    hub = await startHub({ env: { HUB_ADMIN_OPERATIONS: file } });
    owner = await signInAs(hub, 'owner');
  });
  afterAll(async () => {
    await hub.close();
    rmSync(folder, { recursive: true });
  });

  const send = async (query: string, accept = 'application/json'): Promise<[number, unknown]> => {
    const response = await fetch(`${hub.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${owner.token}` },
      body: JSON.stringify({ query }),
    });
    return [response.status, await response.json()];
  };
  const refused = [403, expect.objectContaining({ code: 'operation_not_allowed' })];

  it('runs what is in it, with white space around it or not', async () => {
    const answer = [200, { data: { systemHealth: { database: 'embedded' } } }];
    expect(await send(LISTED)).toEqual(answer);
    expect(await send(`\n${LISTED}\n`)).toEqual(answer);
  });

  it.each([
    '{ systemHealth { database } }',
    `${LISTED} query More { me { id } }`,
    'mutation { signOut }',
    '{ __schema { types { name } } }',
  ])('refuses everything else, even from an owner: %s', async (query) => {
    expect(await send(query)).toEqual(refused);
    expect(await send(query, 'text/event-stream')).toEqual(refused);
  });
});

describe('a list of allowed operations that cannot be read', () => {
  it.each(['not json', '{"a": "b"}', '[1]'])('keeps the hub from starting: %s', async (content) => {
    const folder = mkdtempSync(join(tmpdir(), 'hub-operations-'));
    try {
      writeFileSync(join(folder, 'operations.json'), content);
      const env = { HUB_ADMIN_OPERATIONS: join(folder, 'operations.json') };
      await expect(startHub({ env })).rejects.toThrow(/HUB_ADMIN_OPERATIONS/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
