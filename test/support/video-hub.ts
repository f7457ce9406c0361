import { type FakeUpstream, startFakeUpstream } from './fake-upstream.js';
import { freePort } from './free-port.js';
import { startHub, type TestHub } from './hub.js';
import { until } from './until.js';

/** The model of {@link startVideoHub}, and what a second of it costs in credits. */
export const VIDEO_MODEL = 'sandbox-video';
export const VIDEO_PRICE = '0.05';

/** A job as its status shows it. */
export interface SeenJob {
  readonly status: string;
  readonly progress: number;
  readonly resultUrl: string | null;
  readonly results?: readonly { readonly url: string }[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** A hub with an upstream that makes videos and pictures, and can be told how long a video takes and how it ends. */
export interface VideoHub {
  readonly hub: TestHub;
  readonly upstream: FakeUpstream;
  /** Submits a job and gives its id. */
  submit(body?: object, kind?: 'video' | 'image'): Promise<string>;
  statusOf(jobId: string, kind?: 'video' | 'image'): Promise<SeenJob>;
  /** Waits until a job has one of these states. */
  untilStatus(jobId: string, statuses: readonly string[], kind?: 'video' | 'image'): Promise<SeenJob>;
  /** Has the upstream tell one state of every video until it is told otherwise: however slow the hub is, it sees that. */
  keepAt(state: 'queued' | 'in_progress' | undefined): void;
  close(): Promise<void>;
}

/** Starts it. A video takes no time unless the upstream is told otherwise. */
export async function startVideoHub(env: Readonly<Record<string, string>> = {}): Promise<VideoHub> {
  const upstream = await startFakeUpstream({ videoWorkMs: 0 });
  const names = ['gpt-4', 'gpt-image-1', VIDEO_MODEL];
  const hub = await startHub({
    sandboxUrl: upstream.url,
    // With a port of its own, because the links to results name it.
    env: { PORT: String(await freePort()), HUB_JOB_STATUS_MS_MAX: '100', ...env },
    channels: [
      { name: 'sandbox', provider: 'sandbox', apiKey: undefined, models: new Map(names.map((name) => [name, name])) },
      { name: 'unpriced', provider: 'sandbox', apiKey: undefined, models: new Map([['free-lunch', VIDEO_MODEL]]) },
    ],
    models: [
      { id: VIDEO_MODEL, price: { perVideoSecond: VIDEO_PRICE } },
      { id: 'gpt-image-1', price: { perImage: '0.04' } },
      { id: 'free-lunch' },
    ],
  });
  const statusOf: VideoHub['statusOf'] = async (jobId, kind = 'video') => {
    const response = await hub.fetch(`/api/${kind}/status?jobId=${jobId}`);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return ((await response.json()) as { data: SeenJob }).data;
  };
  return {
    hub,
    upstream,
    statusOf,
    submit: async (body = { prompt: 'a cat' }, kind = 'video') => {
      const response = await hub.post(`/api/${kind}/submit`, body);
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
      return ((await response.json()) as { data: { jobId: string } }).data.jobId;
    },
    untilStatus: (jobId, statuses, kind) =>
      until(async () => {
        const job = await statusOf(jobId, kind);
        return statuses.includes(job.status) ? job : undefined;
      }),
    keepAt: (state) =>
      upstream.script(({ method, path }) => {
        const id = /^\/v1\/videos\/([^/]+)$/.exec(path)?.[1];
        if (state === undefined || method !== 'GET' || id === undefined) return undefined;
        return { status: 200, body: { id, status: state } };
      }),
    close: async () => {
      await hub.close();
      await upstream.close();
    },
  };
}
