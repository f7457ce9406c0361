import { jest } from '@jest/globals';
import { startHub, type TestHub } from '../../test/support/hub.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { HealthService } from './health.service.js';

describe('the health routes', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startHub();
  });
  afterAll(() => hub?.close());
  const get = (path: string) => hub.fetch(path, { key: null });

  it('ask the database once for many callers', async () => {
    const query = jest.spyOn(hub.sql, 'query');
    const from = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => get(index % 2 === 0 ? '/api/health' : '/api/health/ready')),
    );
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    const times = query.mock.calls.filter(([text]) => text === 'select 1 as one').length;
    expect(times).toBeGreaterThan(0);
    // An answer counts for half a second, in which a busy machine may not come to all of them.
    expect(times).toBeLessThanOrEqual(1 + Math.floor((performance.now() - from) / 500));
  });

  it('say at once that a stop was asked for, whatever was found before', async () => {
    await hub.app.get(HealthService).check();
    hub.app.get(Lifecycle).beginDrain();
    expect((await get('/api/health/ready')).status).toBe(503);
    expect((await get('/api/health')).status).toBe(200);
  });
});
