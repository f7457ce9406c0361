import type { Random } from '../random.js';
import type { SupervisedHub } from '../supervised-hub.js';
import type { PlannedJob } from './video-plan.js';
import type { VideoRig } from './video-rig.js';

const TRY_MS_MAX = 10_000;
const AGAIN_MS = 300;
const TRIES_MAX = 400;
const LOOKERS = 6;
const LOOK_PAUSE_MS = 40;
const ORDER = ['queued', 'processing', 'succeeded'];
const OVER: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled']);

/** What a client has seen of its job. */
export interface SeenJob {
  readonly planned: PlannedJob;
  /** Every id it was ever told; one, if all is well. */
  readonly ids: Set<string>;
  tries: number;
  /** The answer that refused the job for good. */
  refusal?: string;
  status: string;
  /** The message with which it failed. */
  errorCode: string | undefined;
  readonly wrong: string[];
}

/** Clients that submit what was planned, until they have an answer, and then ask after it. */
export class VideoClients {
  readonly seen: readonly SeenJob[];
  looks = 0;
  private isStopping = false;

  constructor(
    private readonly rig: VideoRig,
    private readonly random: Random,
    jobs: readonly PlannedJob[],
    private readonly rate: number,
  ) {
    this.seen = jobs.map((planned) => ({
      planned,
      ids: new Set(),
      tries: 0,
      status: '',
      errorCode: undefined,
      wrong: [],
    }));
  }

  /** Submits all of it. Resolves when every client has its answer. */
  async submitAll(): Promise<void> {
    const waiting: Promise<void>[] = [];
    for (const job of this.seen) {
      waiting.push(this.submit(job));
      await pause(1000 / this.rate);
    }
    await Promise.all(waiting);
  }

  /** Asks after jobs until it is told to stop. */
  async lookAll(): Promise<void> {
    await Promise.all(Array.from({ length: LOOKERS }, () => this.lookAround()));
  }

  stopLooking(): void {
    this.isStopping = true;
  }

  /** One last look at every job, over until it is answered. */
  async lookOnceMore(): Promise<void> {
    for (const job of this.seen) {
      for (let tries = 0; job.ids.size > 0 && tries < 20; tries++) if (await this.look(job)) break;
    }
  }

  private async lookAround(): Promise<void> {
    while (!this.isStopping) {
      const open = this.seen.filter(({ ids, status }) => ids.size > 0 && !OVER.has(status));
      // Now and then one that is over: it must stay as it is.
      const among = open.length > 0 && !this.random.chance(0.1) ? open : this.seen.filter(({ ids }) => ids.size > 0);
      if (among.length > 0) await this.look(this.random.pick(among));
      await pause(LOOK_PAUSE_MS);
    }
  }

  private async submit(job: SeenJob): Promise<void> {
    const { mark, model } = job.planned;
    const body = JSON.stringify({ model: model.id, prompt: `${mark} a cat`, duration: model.durationSeconds });
    while (job.tries < TRIES_MAX) {
      job.tries++;
      const answer = await this.ask(this.anyHub(), '/api/video/submit', body, mark);
      if (answer !== undefined) {
        const { data } = answer.body as { data?: { jobId: string } };
        if (data !== undefined) {
          job.ids.add(data.jobId);
          // Now and then once more: the same key has the same job.
          if (this.random.chance(0.9)) return;
        } else if (answer.status < 500 && answer.status !== 409 && answer.status !== 429) {
          job.refusal = `${answer.status} ${JSON.stringify(answer.body)}`;
          return;
        }
      }
      await pause(AGAIN_MS);
    }
  }

  /** @returns whether it was answered. */
  private async look(job: SeenJob): Promise<boolean> {
    const [id] = job.ids;
    const answer = await this.ask(this.anyHub(), `/api/video/status?jobId=${id}`);
    if (answer?.status !== 200) {
      if (answer?.status === 404) job.wrong.push(`${id} is not there`);
      return false;
    }
    this.looks++;
    const { data } = answer.body as { data: { status: string; resultUrl: string | null; error?: { code: string } } };
    const before = job.status;
    if (data.status !== before && !mayFollow(before, data.status)) job.wrong.push(`${before} became ${data.status}`);
    if ((data.status === 'succeeded') !== (data.resultUrl !== null))
      job.wrong.push(`${data.status}: ${data.resultUrl}`);
    job.status = data.status;
    job.errorCode = data.error?.code;
    return true;
  }

  private anyHub(): SupervisedHub {
    const up = this.rig.hubs.filter(({ isUp }) => isUp);
    return this.random.pick(up.length === 0 ? this.rig.hubs : up);
  }

  /** @returns undefined when there was no answer. */
  private async ask(
    hub: SupervisedHub,
    path: string,
    body?: string,
    key?: string,
  ): Promise<{ status: number; body: unknown } | undefined> {
    try {
      const answer = await fetch(hub.url + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${this.rig.apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        body: body ?? null,
        signal: AbortSignal.timeout(TRY_MS_MAX),
      });
      return { status: answer.status, body: await answer.json() };
    } catch {
      return undefined;
    }
  }
}

/** A job goes forward, and stays as it ended. */
function mayFollow(before: string, after: string): boolean {
  if (before === '') return true;
  if (OVER.has(before)) return false;
  return OVER.has(after) || ORDER.indexOf(after) > ORDER.indexOf(before);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
