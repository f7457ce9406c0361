import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { postGraphql, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { type TestHub } from '../support/hub.js';

describe('the admin API', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startHub();
  });
  afterAll(() => hub.close());

  it('tells a visitor to sign in', async () => {
    expect(await postGraphql(hub.url, { query: '{ me { email role } }' })).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'sign_in_needed' } }],
    });
  });

  it('tells somebody who has signed in who they are', async () => {
    const viewer = await signInAs(hub, 'viewer');
    expect(await viewer.data('{ me { email role accountId } }')).toEqual({
      me: { email: viewer.email, role: 'VIEWER', accountId: null },
    });
  });
});
