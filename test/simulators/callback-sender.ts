import type { SimulatedCallback, SimulatedVendor, World } from './simulated-vendor.js';
import type { SimulatedTask } from './task-table.js';

const SENT_KEPT_MAX = 10_000;
const TIMEOUT_MS = 5_000;

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
    for (let i = 0; i < times; i++) void this.post({ ...message, url: task.callbackUrl });
  }

  clear(): void {
    this.list = [];
  }

  close(): void {
    this.stop.abort();
  }

  private async post(callback: SentCallback): Promise<void> {
    this.list.push(callback);
    if (this.list.length > SENT_KEPT_MAX) this.list.shift();
    const { url, headers, body } = callback;
    try {
      const signal = AbortSignal.any([this.stop.signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const response = await fetch(url, { method: 'POST', headers, body, signal });
      await response.arrayBuffer();
      callback.status = response.status;
    } catch (error) {
      callback.error = String(error);
    }
  }
}
