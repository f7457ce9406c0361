import type { TaskAnswer, TaskCall, TaskRef, TaskState } from '../../../src/providers/canonical/video.js';
import type { Target } from '../../../src/providers/provider.js';
import type { Simulator } from '../../simulators/simulator.js';
import type { TaskSubject } from './task-subject.js';

const LOOKS_MAX = 20;

/** Drives a provider's functions against a simulator the way the hub does: base path, credential, body and all. */
export class SimulatedUpstream<Request> {
  constructor(
    private readonly subject: TaskSubject<Request>,
    private readonly simulator: Simulator,
    private readonly credential: string,
  ) {}

  /** @throws TypeError when the connection broke. */
  async send(call: TaskCall): Promise<TaskAnswer> {
    const { operation: video } = this.subject;
    const configured = new URL(this.subject.provider.baseUrl ?? 'http://upstream.example/v1').pathname.replace(
      /\/$/,
      '',
    );
    const basePath = video.basePath?.(configured) ?? configured;
    const auth = video.auth?.(this.credential, Date.now()) ?? this.subject.provider.auth(this.credential);
    const body = call.body === undefined ? null : Buffer.from(call.body);
    const type: Record<string, string> = body === null ? {} : { 'content-type': 'application/json' };
    // Hosts that a vendor names are asked only from a host of its own; see TaskSender.
    const path = call.origin === undefined ? basePath + call.path : call.path;
    const headers = { ...type, ...call.headers, ...auth };
    const signable = { method: call.method, origin: this.simulator.url, path, headers, body: body ?? undefined };
    const signed = await this.subject.provider.sign?.(signable, this.credential, Date.now());
    const response = await fetch(this.simulator.url + path, {
      method: call.method,
      headers: { ...headers, ...signed },
      body,
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  }

  async submit(request: Request, target: Target): Promise<TaskRef> {
    const { operation: video } = this.subject;
    const names: string[] = [];
    for (const call of video.uploads?.toCalls(request, target) ?? []) {
      names.push(video.uploads?.fromAnswer(await this.send(call)) ?? '');
    }
    return video.fromSubmit(await this.send(video.toSubmit(request, target, names)), request, target);
  }

  /** Asks once; more often where the upstream says that it takes several questions. */
  async look(ref: TaskRef): Promise<{ readonly state: TaskState; readonly ref: TaskRef }> {
    const { operation: video } = this.subject;
    let current = ref;
    for (let i = 0; i < LOOKS_MAX; i++) {
      const state = video.fromStatus(await this.send(video.toStatus(current)), current);
      if (state.state !== 'follow') return { state, ref: current };
      current = state.ref;
    }
    throw new Error('The upstream is followed without end.');
  }

  /** Every state until the end. */
  async watch(ref: TaskRef): Promise<{ readonly states: readonly TaskState[]; readonly ref: TaskRef }> {
    const states: TaskState[] = [];
    let current = ref;
    for (let i = 0; i < LOOKS_MAX; i++) {
      const look = await this.look(current);
      states.push(look.state);
      current = look.ref;
      if (look.state.state !== 'queued' && look.state.state !== 'processing') return { states, ref: current };
    }
    throw new Error('The task does not end.');
  }

  /** The bytes of a result, by its link or behind the credential. */
  async fetchResult(state: TaskState, ref: TaskRef): Promise<Buffer> {
    if (state.state !== 'succeeded') throw new Error(`A task that is ${state.state} has no result.`);
    const url = state.outputs[0]?.url;
    if (url !== undefined) {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return Buffer.from(await response.arrayBuffer());
    }
    const call = this.subject.operation.toContent?.(ref, 0);
    if (call === undefined) throw new Error('There is neither a link nor a way to ask for the result.');
    const answer = await this.send(call);
    if (answer.status !== 200) throw new Error(`HTTP ${answer.status}`);
    return Buffer.from(this.subject.operation.fromContent?.(answer, 0) ?? answer.body);
  }
}
