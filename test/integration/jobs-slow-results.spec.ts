import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { JobStore } from '../../src/jobs/job-store.js';
import { simulatedKling } from '../simulators/kling/kling.js';
import { Simulator } from '../simulators/simulator.js';
import { startHub, type TestHub } from '../support/hub.js';
import { submitJob } from '../support/submit-job.js';
import { until } from '../support/until.js';

const MODEL = { id: 'kling-3.0', price: { perVideoSecond: '0.1' } };
/** More than an instance has of one channel in hand. */
const STUCK = 230;

let kling: Simulator;
let host: Server;
let asked = 0;
let hub: TestHub;

beforeAll(async () => {
  kling = await Simulator.start(simulatedKling());
  kling.obey({ progression: { by: 'hand' } });
  // Takes requests and answers none.
  host = createServer(() => {
    asked++;
  });
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  const channel = {
    name: 'kling',
    provider: 'kling',
    baseUrl: kling.url,
    apiKey: kling.credential,
    models: new Map([[MODEL.id, MODEL.id]]),
  };
  hub = await startHub({ channels: [channel], models: [MODEL], env: { HUB_JOB_STATUS_MS_MAX: '50' } });
});
afterAll(async () => {
  host.closeAllConnections();
  host.close();
  await hub.close();
  await kling.close();
});

it('results that do not come keep no task of their channel from being looked at', async () => {
  const id = await submitJob(hub, { request: { prompt: 'a cat', count: 1, durationSeconds: 5 } });
  const store = hub.app.get(JobStore);
  await until(async () => (await store.find(id))?.state === 'accepted');
  const { port } = host.address() as AddressInfo;
  await hub.sql.query(
    `insert into job (id, kind, state, account_id, endpoint, model, provider, request, offers, held, multiplier_millionths, deadline_at,
            due_at, channel_id, attempt, outcome)
     select gen_random_uuid(), kind, 'fetching', account_id, endpoint, model, provider, request, offers, 0, multiplier_millionths,
            deadline_at, now() - interval '1 minute', channel_id, attempt, $2::jsonb
       from job, generate_series(1, $3::integer) where id = $1`,
    [id, JSON.stringify({ outputs: [{ url: `http://127.0.0.1:${port}/film.mp4` }], usage: {} }), STUCK],
  );
  await until(() => asked > 0);
  const looks = (await store.find(id))?.looks ?? 0;
  await until(async () => ((await store.find(id))?.looks ?? 0) > looks + 5);
  expect(asked).toBeLessThanOrEqual(50);
});
