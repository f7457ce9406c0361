import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../../test/support/until.js';
import type { Settings } from '../config/settings.js';
import type { Sql } from '../database/sql.js';
import type { TaskSender } from '../jobs/task-sender.js';
import { parsePrice } from '../pricing/parse-price.js';
import type { TaskCall, TaskState } from '../providers/canonical/video.js';
import type { TaskApi } from '../providers/provider.js';
import type { Candidate } from '../routing/candidate.js';
import type { ModelCatalog } from '../routing/model-catalog.js';
import type { Attempt } from './attempt.js';
import { type LateTask, LateTasks } from './late-tasks.js';
import type { RelayRun } from './relay-run.js';

const SUCCESS: TaskState = {
  state: 'succeeded',
  outputs: [{ url: 'https://pictures.example/a.png' }, { url: 'https://pictures.example/b.png' }],
  usage: { inputTokens: 1_000_000, outputTokens: 1_000_000 },
};
/** 3 credits of each million tokens of the prompt, 5 of those of the answer, 0.5 of each picture. */
const PRICE = parsePrice({ inputPerMillion: '3', outputPerMillion: '5', perImage: '0.5' });
const CREDIT = 1_000_000_000n;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A vendor's tasks, all of which end well, and what is asked of it and booked. */
function lateTasks({ isBilled, isBroken = false }: { readonly isBilled?: boolean; readonly isBroken?: boolean } = {}) {
  const calls: string[] = [];
  const losses: bigint[] = [];
  const operation: TaskApi = {
    toStatus: () => ({ method: 'GET', path: '/task' }),
    fromStatus: () => (calls.length < 2 && isBilled !== true ? { state: 'processing' } : SUCCESS),
    cancel: {
      states: ['queued', 'processing'],
      ...(isBilled !== undefined && { isBilled }),
      toCall: () => ({ method: 'DELETE', path: '/task' }),
      fromAnswer: () => undefined,
    },
    statusEveryMs: { first: 1, max: 1 },
  };
  const sender = {
    send: (_candidate: Candidate, _operation: TaskApi, { method }: TaskCall) => {
      calls.push(method);
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) });
    },
  } as unknown as TaskSender;
  const session = {
    query: (sql: string, [, cost]: readonly bigint[]) => {
      if (sql.includes('insert into entry') && cost !== undefined) losses.push(cost);
      return Promise.resolve([]);
    },
  };
  const sql = {
    transaction: (work: (on: typeof session) => Promise<void>) =>
      isBroken ? Promise.reject(new Error('The database is away.')) : work(session),
  } as unknown as Sql;
  const catalog = { table: { prices: { purchase: () => ({ price: PRICE }) } } } as unknown as ModelCatalog;
  const late = new LateTasks(sql, sender, catalog, { jobs: { statusMsMax: 1 } } as Settings);
  stops.push(() => late.onApplicationShutdown());
  const task: LateTask = {
    requestId: 'req_1',
    candidate: { channel: { id: '1', name: 'one' } } as Candidate,
    model: 'picture',
    operation,
    ref: { id: 't' },
    asked: {},
    isPromptBilled: false,
  };
  return { late, task, calls, losses };
}

const runOf = (isAborted: boolean) =>
  ({
    context: { requestId: 'req_1' },
    isAborted,
    usage: { images: 2, inputTokens: 1_000_000, outputTokens: 1_000_000 },
  }) as RelayRun;
const ATTEMPT = { candidate: { channel: { id: '1', name: 'one' } }, model: { id: 'picture' } } as Attempt;
const REQUEST = { source: { value: {} } } as Parameters<LateTasks['bookLost']>[2];

describe('LateTasks', () => {
  it('calls a task off, and books what it has cost where it was made all the same', async () => {
    const { late, task, calls, losses } = lateTasks();
    late.watch(task);
    await until(() => Promise.resolve(losses.length > 0 ? true : undefined));
    expect(calls.slice(0, 3)).toEqual(['GET', 'DELETE', 'GET']);
    expect(losses).toEqual([9n * CREDIT]);
  });

  it('calls nothing off that is billed all the same: the loss would not be known', async () => {
    const { late, task, calls, losses } = lateTasks({ isBilled: true });
    late.watch(task);
    await until(() => Promise.resolve(losses.length > 0 ? true : undefined));
    expect(calls).not.toContain('DELETE');
    expect(losses).toEqual([9n * CREDIT]);
  });

  it('leaves a prompt out that is on the bill of its request', async () => {
    const { late, task, losses } = lateTasks();
    late.watch({ ...task, isPromptBilled: true });
    await until(() => Promise.resolve(losses.length > 0 ? true : undefined));
    expect(losses).toEqual([6n * CREDIT]);
  });

  it.each([
    ['with its prompt', false, 9n * CREDIT],
    ['without the prompt of a request whose client has left, which is on its bill', true, 6n * CREDIT],
  ])('books what cannot be handed over, %s', async (_title, isAborted, loss) => {
    const { late, losses } = lateTasks();
    await late.bookLost(runOf(isAborted), ATTEMPT, REQUEST);
    expect(losses).toEqual([loss]);
  });

  it('hides no failure of a request behind one of the books', async () => {
    const { late } = lateTasks({ isBroken: true });
    await expect(late.bookLost(runOf(false), ATTEMPT, REQUEST)).resolves.toBeUndefined();
  });
});
