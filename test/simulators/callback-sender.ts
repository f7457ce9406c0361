import { type SimulatedCallback, type SimulatedVendor, textMember, type World } from './simulated-vendor.js';
import type { SimulatedTask } from './task-table.js';

const SENT_KEPT_MAX = 10_000;
const TIMEOUT_MS = 5_000;
const CHALLENGE_TIMEOUT_MS = 3_000;

/** A callback that was sent, and what became of it. */
export interface SentCallback extends SimulatedCallback {
  readonly url: string;
  /** What the receiver answered; undefined while it has not. */
  status?: number;
  /** Why it could not be reached. */
  error?: string;
}

/** Sends a vendor's messages about its tasks, once each, unless the task's troubles say otherwise. */
export class CallbackSender {
  private list: SentCallback[] = [];
  /** Whether the receiver of a task passed its challenge, by task. */
  private readonly passed = new Map<string, Promise<boolean>>();
  private readonly stop = new AbortController();

  constructor(
    private readonly vendor: SimulatedVendor,
    private readonly secret: string,
  ) {}

  get sent(): readonly SentCallback[] {
    return this.list;
  }

  /** Sends the state of a task to where its maker wants it; does not wait for the answer. */
  send(task: SimulatedTask, world: World): void {
    if (task.callbackUrl === undefined || task.callbackUrl === '') return;
    const secret = task.troubles.has('forged_callback') ? 'whsec_Zm9yZ2VkIGZvcmdlZCBmb3JnZWQgZm9yZ2Vk' : this.secret;
    const message = this.vendor.toCallback?.(task, world, secret);
    if (message === undefined) return;
    const times = task.troubles.has('duplicate_callback') ? 2 : 1;
    void this.deliver(task, world, { ...message, url: task.callbackUrl }, times);
  }

  clear(): void {
    this.list = [];
    this.passed.clear();
  }

  close(): void {
    this.stop.abort();
  }

  private async deliver(task: SimulatedTask, world: World, callback: SentCallback, times: number): Promise<void> {
    const challenge = this.passed.has(task.id) ? undefined : this.vendor.toChallenge?.(task, world);
    if (challenge !== undefined) this.passed.set(task.id, this.challenge(callback.url, challenge));
    if ((await this.passed.get(task.id)) === false) return;
    for (let i = 0; i < times; i++) void this.post({ ...callback });
  }

  private async challenge(url: string, text: string): Promise<boolean> {
    const body = JSON.stringify({ challenge: text });
    const answer = await this.post(
      { url, headers: { 'content-type': 'application/json' }, body },
      CHALLENGE_TIMEOUT_MS,
    );
    try {
      return textMember(JSON.parse(answer), 'challenge') === text;
    } catch {
      return false;
    }
  }

  /** What the receiver answered; '' when it did not. */
  private async post(callback: SentCallback, timeoutMs = TIMEOUT_MS): Promise<string> {
    this.list.push(callback);
    if (this.list.length > SENT_KEPT_MAX) this.list.shift();
    const { url, headers, body } = callback;
    try {
      const signal = AbortSignal.any([this.stop.signal, AbortSignal.timeout(timeoutMs)]);
      const response = await fetch(url, { method: 'POST', headers, body, signal });
      const answer = await response.text();
      callback.status = response.status;
      return answer;
    } catch (error) {
      callback.error = String(error);
      return '';
    }
  }
}
