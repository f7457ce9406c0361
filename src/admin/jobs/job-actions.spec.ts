import { describe, expect, it } from '@jest/globals';
import type { Sql, SqlSession } from '../../database/sql.js';
import type { JobRetry } from '../../jobs/job-retry.js';
import type { JobStore } from '../../jobs/job-store.js';
import type { Jobs } from '../../jobs/jobs.service.js';
import type { DeliveryStore } from '../../webhooks/delivery-store.js';
import type { WebhookDelivery } from '../../webhooks/webhook-delivery.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { type Mutations, Trail } from '../graphql/mutations.js';
import { JobActions } from './job-actions.js';
import type { JobReader } from './job-reader.js';

const ID = `job_${'0'.repeat(32)}`;

describe('calling a job off', () => {
  it('is refused, and not logged, when the job ends between being read and being asked', async () => {
    const states = ['processing', 'processing', 'succeeded'];
    const trail = new Trail();
    const actions = new JobActions(
      {} as Sql,
      {
        run: (_: AdminContext, work: (session: SqlSession, trail: Trail) => Promise<unknown>) =>
          work({} as SqlSession, trail),
      } as Mutations,
      { get: async () => ({ id: ID, state: states.shift() }) } as unknown as JobReader,
      { mayBeCalledOff: async () => true } as unknown as Jobs,
      { requestCancel: async () => false } as unknown as JobStore,
      { wake: () => undefined } as JobRetry,
      {} as DeliveryStore,
      {} as WebhookDelivery,
    );
    const outcome = await actions.cancel({ scope: () => null } as unknown as AdminContext, ID);
    expect(outcome).toMatchObject({ code: 'job_finished', message: 'The job has succeeded already.' });
    expect(trail).toMatchObject({ isRefused: true, changes: [], afterCommit: [] });
  });
});
