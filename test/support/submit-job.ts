import type { Caller } from '../../src/auth/caller.js';
import { uuid7Hex } from '../../src/common/ids.js';
import { isOver } from '../../src/jobs/job.js';
import type { JobView } from '../../src/jobs/job-view.js';
import { type JobDraft, Jobs } from '../../src/jobs/jobs.service.js';
import type { TestHub } from './hub.js';
import { until } from './until.js';

/** The caller behind a key of a test hub. */
export function callerOf(hub: Pick<TestHub, 'accountId'>, keyId: string): Caller {
  return {
    keyId,
    accountId: hub.accountId,
    scopes: null,
    models: null,
    addresses: undefined,
    limits: [],
    groupId: '1',
    multiplierMillionths: 1_000_000n,
    groupModels: null,
    captureUntilMs: 0,
  };
}

/** Submits a job past the HTTP API. @returns its id. */
export async function submitJob(hub: TestHub, draft: Partial<JobDraft> = {}): Promise<string> {
  const { request, ...rest } = draft;
  const { id: keyId } = await hub.createKey();
  const created = await hub.app.get(Jobs).create({
    requestId: `req_${uuid7Hex(Date.now())}`,
    kind: 'video',
    endpoint: 'video/submit',
    caller: callerOf(hub, keyId),
    request: { prompt: 'a cat', count: 1, ...request },
    inputs: [],
    userIdentifier: '',
    setHeaders: () => undefined,
    toAnswer: (id) => ({ status: 200, headers: {}, body: id }),
    ...rest,
  });
  return created.kind === 'created' ? created.id : String(created.answer.body);
}

/** Waits until a job is over. */
export async function jobEnd(hub: TestHub, id: string): Promise<JobView> {
  return await until(async () => {
    const view = await hub.app.get(Jobs).find(hub.accountId, id);
    return view !== undefined && isOver(view.job.state) ? view : undefined;
  });
}
