import { describe, expect, it } from '@jest/globals';
import { Cancellation } from '../../common/cancellation.js';
import type { Settings } from '../../config/settings.js';
import { parsePrice } from '../../pricing/parse-price.js';
import type { PriceVersions } from '../../pricing/price-versions.js';
import { ProviderError } from '../../providers/canonical/provider-error.js';
import type { TaskCall, TaskState } from '../../providers/canonical/video.js';
import type { ImageTaskOperation } from '../../providers/provider.js';
import type { Candidate } from '../../routing/candidate.js';
import type { JobChannels } from '../job-channels.js';
import type { TaskLookUp } from '../task-look-up.js';
import type { TaskSender } from '../task-sender.js';
import type { LateTask } from './late-task.js';
import { LateTaskFollower } from './late-task-follower.js';
import type { LateTaskStore } from './late-task-store.js';

const CREDIT = 1_000_000_000n;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** 3 credits of each million tokens of the prompt, 5 of those of the answer, 0.5 of each picture. */
const PRICE = parsePrice({ inputPerMillion: '3', outputPerMillion: '5', perImage: '0.5' });
const SUCCESS: TaskState = {
  state: 'succeeded',
  outputs: [{ url: 'https://pictures.example/a.png' }, { url: 'https://pictures.example/b.png' }],
  usage: { inputTokens: 1_000_000, outputTokens: 1_000_000 },
};
const GONE: TaskState = { state: 'failed', kind: 'expired', message: '' };
const OWNER = { name: 'mine', leaseMs: 60_000 };

/** What a test says of the vendor and of the task. */
interface Scene {
  /** What the vendor says, the last word again and again; 'trouble': it cannot be asked. */
  readonly says?: readonly (TaskState | 'trouble')[];
  /** Undefined: it calls nothing off. */
  readonly isCancelBilled?: boolean;
  readonly finds?: 'absent' | 'unsure' | { readonly id: string };
  readonly task?: Partial<LateTask>;
  readonly isChannelGone?: boolean;
  readonly hasPrice?: boolean;
}

/** One step of a task, and what came of it. */
async function stepOf({ says = ['trouble'], isCancelBilled, finds, task, isChannelGone, hasPrice }: Scene) {
  const calls: string[] = [];
  const written: unknown[] = [];
  let asked = 0;
  const operation: Partial<ImageTaskOperation> = {
    modelOf: () => ({ countMax: 1 }) as ReturnType<ImageTaskOperation['modelOf']>,
    toStatus: () => ({ method: 'GET', path: '/task' }),
    fromStatus: () => {
      const said = says[Math.min(asked++, says.length - 1)] ?? 'trouble';
      if (said === 'trouble') throw new ProviderError({ kind: 'overloaded', message: 'later', retryAfterMs: 90_000 });
      return said;
    },
    ...(isCancelBilled !== undefined && {
      cancel: {
        states: ['queued', 'processing'],
        ...(isCancelBilled && { isBilled: true }),
        toCall: () => ({ method: 'DELETE', path: '/task' }),
        fromAnswer: () => undefined,
      },
    }),
    ...(finds !== undefined && {
      lookup: { toCall: () => ({ method: 'GET', path: '/list' }), fromAnswer: () => finds },
    }),
  };
  const candidate = { provider: { imageTasks: operation }, target: { upstreamModel: 'p' }, channel: { id: '7' } };
  const note =
    (name: string) =>
    (...[, ...rest]: unknown[]) => {
      written.push([name, ...rest.filter((one) => one !== OWNER)]);
      return Promise.resolve();
    };
  const store = {
    end: note('end'),
    accept: note('accept'),
    putOff: note('putOff'),
    handBack: note('handBack'),
    keepRef: note('keepRef'),
  };
  const sender = {
    send: (_candidate: Candidate, _operation: ImageTaskOperation, { method }: TaskCall) => {
      calls.push(method);
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) });
    },
  };
  const follower = new LateTaskFollower(
    store as unknown as LateTaskStore,
    { pinned: () => Promise.resolve(isChannelGone === true ? undefined : candidate) } as unknown as JobChannels,
    sender as unknown as TaskSender,
    { ask: () => Promise.resolve(finds ?? 'unsure') } as unknown as TaskLookUp,
    { find: () => Promise.resolve(hasPrice === false ? undefined : PRICE) } as unknown as PriceVersions,
    { jobs: { statusMsMax: 15_000 } } as Settings,
  );
  const whole: LateTask = {
    holdId: '01a2',
    attempt: 1,
    channelId: '7',
    channel: 'seven',
    credentialIndex: 0,
    model: 'picture',
    upstreamModel: 'p',
    purchaseVersionId: '5',
    imageSize: null,
    imageQuality: null,
    taskRef: { id: 't' },
    sentAt: new Date(Date.now() - 5 * MINUTE),
    looks: 0,
    failures: 0,
    ...task,
  };
  await follower.step(whole, { owner: OWNER, signal: new Cancellation() });
  const [[name, detail] = []] = written as [string, Record<string, Record<string, unknown>> | undefined][];
  return { calls, name, detail };
}

describe('LateTaskFollower', () => {
  it('books what is made all the same, at the price of its submission', async () => {
    const { name, detail } = await stepOf({ says: [SUCCESS] });
    expect(name).toBe('end');
    expect(detail?.['loss']).toMatchObject({ purchaseCost: 9n * CREDIT });
  });

  it('books nothing where nobody knows what the operator pays', async () => {
    const { name, detail } = await stepOf({ says: [SUCCESS], hasPrice: false });
    expect([name, detail?.['loss']]).toEqual(['end', undefined]);
  });

  it('calls a task off whose end then costs nothing', async () => {
    const { calls, name, detail } = await stepOf({
      says: [{ state: 'processing' }, { state: 'cancelled' }],
      isCancelBilled: false,
    });
    expect(calls).toEqual(['GET', 'DELETE', 'GET']);
    expect([name, detail]).toEqual(['end', {}]);
  });

  it('calls nothing off that is billed all the same: the loss would not be known', async () => {
    const { calls, name } = await stepOf({ says: [{ state: 'processing' }], isCancelBilled: true });
    expect([calls, name]).toEqual([['GET'], 'putOff']);
  });

  it('ends with a task that failed', async () => {
    const { name, detail } = await stepOf({ says: [{ state: 'failed', kind: 'failed', message: '' }] });
    expect([name, detail]).toEqual(['end', {}]);
  });

  it('does not believe that a task is gone which was only just taken on', async () => {
    expect((await stepOf({ says: [GONE], task: { sentAt: new Date() } })).name).toBe('putOff');
    expect((await stepOf({ says: [GONE] })).name).toBe('end');
  });

  it('expects a task to be gone that was called off', async () => {
    const { name, detail } = await stepOf({ says: [{ state: 'queued' }, GONE], isCancelBilled: false });
    expect([name, detail]).toEqual(['end', {}]);
  });

  it.each<[string, Scene, number, number]>([
    ['soon while it is young', { says: [{ state: 'processing' }] }, 4_000, 6_000],
    ['as late as the vendor wants it', { says: ['trouble'] }, 90_000, 90_000],
    [
      'every quarter of an hour later on',
      { says: [{ state: 'processing' }], task: { sentAt: new Date(Date.now() - HOUR) } },
      15 * MINUTE,
      15 * MINUTE,
    ],
  ])('asks again %s', async (_when, scene, least, most) => {
    const { name, detail: dueMs } = await stepOf(scene);
    expect(name).toBe('putOff');
    expect(Number(dueMs)).toBeGreaterThanOrEqual(least);
    expect(Number(dueMs)).toBeLessThanOrEqual(most);
  });

  it.each<[string, Scene, string]>([
    ['after a day without an end', { says: [{ state: 'processing' }] }, 'outcome_unknown'],
    ['after a day in which it could not be asked', { says: ['trouble'] }, 'outcome_unknown'],
    ['after a day without its channel', { isChannelGone: true }, 'outcome_unknown'],
    ['when the vendor does not know the task any more', { says: [GONE] }, 'outcome_unknown'],
    ['when a lost submission cannot be looked up', { task: { taskRef: null } }, 'submission_uncertain'],
    ['when looking it up told nothing', { finds: 'unsure', task: { taskRef: null } }, 'submission_uncertain'],
  ])('gives up with an alert %s', async (_when, scene, code) => {
    const sentAt = new Date(Date.now() - 25 * HOUR);
    const { name, detail } = await stepOf({ ...scene, task: { ...scene.task, sentAt } });
    expect(name).toBe('end');
    expect(detail?.['alert']?.['details']).toMatchObject({ code, requestId: 'req_01a2', channelId: '7' });
  });

  it.each<[string, Scene, string]>([
    ['is followed when it is found', { finds: { id: 'found' } }, 'accept'],
    ['is forgotten when there is none', { finds: 'absent' }, 'end'],
    ['is looked for again when that cannot be told', { finds: 'unsure' }, 'putOff'],
    ['is looked for again when its channel cannot be used', { isChannelGone: true }, 'putOff'],
  ])('a task whose submission was lost %s', async (_when, scene, wanted) => {
    const { name } = await stepOf({ ...scene, task: { taskRef: null } });
    expect(name).toBe(wanted);
  });
});
