import { ProviderError } from '../../../src/providers/canonical/provider-error.js';
import type { TaskCall, TaskRef } from '../../../src/providers/canonical/video.js';
import type { FaultRule, Refusal } from '../../simulators/faults.js';
import { Simulator } from '../../simulators/simulator.js';
import { deepFreeze } from '../deep-freeze.js';
import { SimulatedUpstream } from './simulated-upstream.js';
import type { TaskSubject } from './task-subject.js';
import type { VideoContract } from './video-contract.js';
import { targetOf } from './video-request.js';

const REFUSALS: readonly (readonly [refusal: Refusal, kinds: readonly string[]])[] = [
  ['auth_failure', ['credential']],
  ['expired_token', ['credential']],
  ['bad_parameter', ['invalid_request']],
  ['content_refused', ['content_refused']],
  ['out_of_balance', ['out_of_money']],
  ['rate_limited', ['rate_limited']],
  ['concurrency', ['rate_limited', 'overloaded']],
  ['server_error', ['overloaded']],
];

/** A provider against the simulator of its vendor, over HTTP. */
export function describeSimulated<Request>(subject: TaskSubject<Request>, contract: VideoContract): void {
  const { operation: video } = subject;
  const { dialects, credentials = [contract.simulator.credential], isForgottenWhenCalledOff = false } = contract;
  describe.each(credentials.map((credential, i) => ({ credential, way: i + 1 })))(
    'simulated, credential $way',
    ({ credential }) => {
      let simulator: Simulator;
      beforeAll(async () => {
        simulator = await Simulator.start(contract.simulator, { credential });
      });
      beforeEach(() => {
        simulator.reset();
        simulator.obey({ progression: { by: 'looks', queued: 1, processing: 1 }, linkTtlMs: 3_600_000 });
      });
      afterAll(() => simulator.close());

      describe.each(dialects)('$name', ({ model, canCancel = true, hasQueue = true }) => {
        const waiting = hasQueue ? 'queued' : 'processing';
        const request = subject.requestFor(model);
        const target = targetOf(model);
        const upstream = () => new SimulatedUpstream(subject, simulator, credential);
        const submit = async (...faults: FaultRule[]): Promise<TaskRef> => {
          simulator.setFaults(...faults);
          return deepFreeze(await upstream().submit(request, target));
        };

        it('is submitted, asked after and fetched', async () => {
          const { states, ref } = await upstream().watch(await submit());
          expect(states.map(({ state }) => state)).toEqual([waiting, 'processing', 'succeeded']);
          const file = await upstream().fetchResult(states.at(-1)!, ref);
          expect(subject.isResult(file)).toBe(true);
          expect(simulator.paid.total).toBe(1);
        });

        it.each(REFUSALS)('is refused: %s', async (fault, kinds) => {
          const refused = submit({ fault });
          await expect(refused).rejects.toThrow(ProviderError);
          expect(kinds).toContain(await refused.catch((error: ProviderError) => error.kind));
          expect(simulator.paid.total).toBe(0);
        });

        it('reports a content refusal that comes late', async () => {
          const { states } = await upstream().watch(await submit({ fault: 'content_refused_late' }));
          expect(states.at(-1)).toMatchObject({ state: 'failed', kind: 'content_refused' });
        });

        it('reports any other failure', async () => {
          const { states } = await upstream().watch(await submit({ fault: 'failed_late' }));
          expect(states.at(-1)).toMatchObject({ state: 'failed', kind: 'failed' });
        });

        it('reports a task that its vendor knows no more', async () => {
          const { state } = await upstream().look(await submit({ fault: 'vanished' }));
          expect(state).toMatchObject({ state: 'failed', kind: 'expired' });
        });

        it('goes on asking when it cannot ask', async () => {
          const ref = await submit();
          simulator.setFaults(
            { fault: 'rate_limited', calls: ['status'], times: 1 },
            { fault: 'server_error', calls: ['status'], times: 1 },
            { fault: 'empty_error', calls: ['status'], times: 1 },
          );
          for (let i = 0; i < 3; i++) await expect(upstream().look(ref)).rejects.toThrow(ProviderError);
          expect((await upstream().watch(ref)).states.at(-1)).toMatchObject({ state: 'succeeded' });
        });

        it('believes no success without a result', async () => {
          const watching = upstream().watch(await submit({ fault: 'success_without_url' }));
          await expect(watching).rejects.toMatchObject({ kind: 'invalid_response' });
        });

        it('bears a word that nobody knows', async () => {
          const { states } = await upstream().watch(await submit({ fault: 'unknown_status' }));
          expect(states.map(({ state }) => state)).toEqual([waiting, 'processing', 'succeeded']);
        });

        it('never calls a stuck task over', async () => {
          const ref = await submit({ fault: 'stuck' });
          for (let i = 0; i < 5; i++) {
            expect(['queued', 'processing']).toContain((await upstream().look(ref)).state.state);
          }
        });

        describeLookup(subject, contract, { model, submit, upstream, paid: () => simulator.paid.total });
        describeLinks({ submit, upstream, isByLink: video.toContent === undefined });

        if (video.cancel === undefined) return;
        const { cancel } = video;
        if (!canCancel) {
          it('cannot be called off', async () => {
            const ref = await submit();
            expect(cancel.toCall(ref)).toBeUndefined();
          });
          return;
        }

        const callOff = (ref: TaskRef): TaskCall => {
          const call = cancel.toCall(ref);
          if (call === undefined) throw new Error('The task cannot be called off.');
          return call;
        };

        it('is called off', async () => {
          simulator.obey({ progression: { by: 'hand' } });
          const ref = await submit();
          if (cancel.states.includes('processing')) simulator.tasks.advance(simulator.tasks.list()[0]!.id);
          cancel.fromAnswer(await upstream().send(callOff(ref)), ref);
          const { state } = await upstream().look(ref);
          // What is gone counts as called off for a job that is to be: `jobs/job-poller.ts`.
          if (isForgottenWhenCalledOff) expect(state).toMatchObject({ state: 'failed', kind: 'expired' });
          else expect(state).toEqual({ state: 'cancelled' });
        });

        if (isForgottenWhenCalledOff) return;

        it('is told when it is too late to be called off', async () => {
          simulator.obey({ progression: { by: 'hand' } });
          const ref = await submit();
          const tooLate = cancel.states.includes('processing') ? 'succeeded' : 'processing';
          simulator.tasks.advance(simulator.tasks.list()[0]!.id, tooLate);
          const answer = await upstream().send(callOff(ref));
          expect(() => cancel.fromAnswer(answer, ref)).toThrow(ProviderError);
        });
      });
    },
  );
}

interface Simulated<Request> {
  readonly submit: (...faults: FaultRule[]) => Promise<TaskRef>;
  readonly upstream: () => SimulatedUpstream<Request>;
}

function describeLookup<Request>(
  { operation: video, requestFor }: TaskSubject<Request>,
  { canFindLost = true }: VideoContract,
  { model, submit, upstream, paid }: Simulated<Request> & { readonly model: string; readonly paid: () => number },
): void {
  const { lookup } = video;
  const lost = { request: requestFor(model), sentAtMs: Date.now() };
  if (lookup === undefined) return;
  const find = async (isKnown = false) => {
    const answer = await upstream().send(lookup.toCall(lost, targetOf(model)));
    return lookup.fromAnswer(answer, lost, () => isKnown, targetOf(model));
  };

  if (canFindLost) {
    it('finds a task whose answer was lost', async () => {
      await expect(submit({ fault: 'lost_answer', times: 1 })).rejects.toThrow();
      const ref = await find();
      expect(paid()).toBe(1);
      if (ref === 'absent' || ref === 'unsure') throw new Error(`The task is ${ref}.`);
      expect((await upstream().watch(ref)).states.at(-1)).toMatchObject({ state: 'succeeded' });
    });
  } else {
    it('is not sure as long as a task may be the one whose answer was lost', async () => {
      await expect(submit({ fault: 'lost_answer', times: 1 })).rejects.toThrow();
      expect(await find()).toBe('unsure');
      expect(paid()).toBe(1);
    });

    it('is sure that there is none when every task is known', async () => {
      await submit();
      expect(await find(true)).toBe('absent');
    });
  }

  it('finds no task that was never made', async () => {
    await expect(submit({ fault: 'lost_request', times: 1 })).rejects.toThrow();
    expect(paid()).toBe(0);
    expect(['absent', 'unsure']).toContain(await find());
  });

  it('is not sure when it is refused', async () => {
    await expect(submit({ fault: 'server_error', calls: ['create', 'list', 'status'] })).rejects.toThrow();
    const outcome = await find().catch((error: unknown) => (error instanceof ProviderError ? 'unsure' : error));
    expect(outcome).toBe('unsure');
  });
}

function describeLinks<Request>({
  submit,
  upstream,
  isByLink,
}: Simulated<Request> & { readonly isByLink: boolean }): void {
  if (!isByLink) return;

  it('gets a fresh link for one that is over', async () => {
    const { states, ref } = await upstream().watch(await submit({ fault: 'expired_link' }));
    await expect(upstream().fetchResult(states.at(-1)!, ref)).rejects.toThrow('403');
    const again = await upstream().look(ref);
    expect((await upstream().fetchResult(again.state, again.ref)).length).toBeGreaterThan(0);
  });

  it('says what its vendor refuses to hand out', async () => {
    const { states, ref } = await upstream().watch(await submit({ fault: 'forbidden_link' }));
    await expect(upstream().fetchResult(states.at(-1)!, ref)).rejects.toThrow('403');
  });
}
