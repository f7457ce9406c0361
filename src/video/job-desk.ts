import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller-of.js';
import { encodeCursor } from '../common/keyset-cursor.js';
import { readBody } from '../common/read-body.js';
import { requireJson } from '../common/require-json.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { requestHash } from '../idempotency/idempotency-key.js';
import { jobNotFound } from '../jobs/job.errors.js';
import { type JobKind, type JobOutput, statusOf, toPublicJobId } from '../jobs/job.js';
import type { JobView } from '../jobs/job-view.js';
import { Jobs } from '../jobs/jobs.service.js';
import { type PresentedJob, presentJob } from '../jobs/present-job.js';
import { Custody } from '../media/custody.js';
import { fileNameOf } from '../media/file-name.js';
import { MediaSender } from '../media/media-sender.js';
import { checkWebhookUrl } from '../webhooks/check-webhook-url.js';
import { claimOf } from './idempotent-job.js';
import { readJobId } from './job-id.js';
import { readJobList } from './read-job-list.js';
import type { Submission } from './submission.js';
import { type JobItem, toJobItem } from './to-job-item.js';
import { resultExpired, resultNotFound, resultNotReady } from './video.errors.js';

type Data<T> = { success: true; data: T };

/** What the routes of videos and of asynchronous pictures have in common: everything but what a request may say. */
@Injectable()
export class JobDesk {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(Custody) private readonly custody: Custody,
    @Inject(MediaSender) private readonly sender: MediaSender,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Takes a job on and answers with its id.
   * @throws HubError of the body, and those of `Jobs.create`.
   */
  async submit(
    request: FastifyRequest,
    reply: FastifyReply,
    kind: JobKind,
    read: (body: Uint8Array) => Submission,
  ): Promise<void> {
    requireJson(request);
    const caller = callerOf(request);
    const body = await readBody(request.raw, this.settings.server.bodyBytesMax);
    const { webhookUrl, ...submission } = read(body);
    const { allowPrivateNetwork } = this.settings.webhooks;
    const result = await this.jobs.create({
      requestId: request.id,
      kind,
      endpoint: `${kind}/submit`,
      caller,
      ...submission,
      webhookUrl: webhookUrl && checkWebhookUrl(webhookUrl, allowPrivateNetwork),
      claim: await claimOf(request, (route) => requestHash(route, body)),
      setHeaders: (headers) => void reply.headers(headers),
      toAnswer: (jobId) => ({
        status: 200,
        headers: {},
        body: JSON.stringify({ success: true, data: { jobId: toPublicJobId(jobId) } }),
      }),
    });
    if (result.kind === 'replayed') {
      const { status, headers, body: stored } = result.answer;
      reply.headers(headers).header('idempotent-replayed', 'true');
      sendJson(reply, status, stored ?? '');
      return;
    }
    sendJson(reply, 200, JSON.stringify({ success: true, data: { jobId: toPublicJobId(result.id) } }));
  }

  /** The present state of a job of the caller's account. @throws HubError 404. */
  async status(request: FastifyRequest, kind: JobKind, jobId: unknown): Promise<Data<PresentedJob>> {
    return ok(this.present(await this.find(request, kind, jobId)));
  }

  /** A page of the account's jobs. */
  async list(request: FastifyRequest, kind: JobKind): Promise<Data<{ items: JobItem[]; nextCursor: string | null }>> {
    const query = readJobList(request.query, kind);
    const views = await this.jobs.list(callerOf(request).accountId, { ...query, limit: query.limit + 1 });
    const shown = views.slice(0, query.limit);
    const last = views.length > query.limit ? shown.at(-1) : undefined;
    return ok({
      items: shown.map((view) => toJobItem(view, this.present(view))),
      nextCursor: last === undefined ? null : encodeCursor([last.job.id]),
    });
  }

  /** Calls a job off. @throws HubError 404, 409. */
  async cancel(request: FastifyRequest, kind: JobKind, jobId: unknown): Promise<Data<PresentedJob>> {
    const { job } = await this.find(request, kind, jobId);
    return ok(this.present(await this.jobs.cancel(job.accountId, job.id)));
  }

  /**
   * Sends a result of a job, or the part of it that a Range asks for.
   * @param index counts from 0.
   * @throws HubError 404, 409 for a job without results, 410 for results that are deleted.
   */
  async content(request: FastifyRequest, reply: FastifyReply, view: JobView, index: number): Promise<void> {
    const { job, outputs } = view;
    if (job.state !== 'succeeded') throw resultNotReady(statusOf(job.state));
    if (job.resultsDeletedAt !== null) throw resultExpired();
    const output = outputs.find(({ place }) => place === index);
    if (output === undefined) throw resultNotFound(index, outputs.length);
    await this.sender.send(request, reply, output, fileNameOf(toPublicJobId(job.id), output));
  }

  /** A job of the caller's account. @throws HubError 400, 404. */
  async find(request: FastifyRequest, kind: JobKind, jobId: unknown): Promise<JobView> {
    const view = await this.jobs.find(callerOf(request).accountId, readJobId(jobId));
    if (view === undefined || view.job.kind !== kind) throw jobNotFound();
    return view;
  }

  /** A job as callers see it, with fresh links. */
  present(view: JobView): PresentedJob {
    return presentJob(view, (output: JobOutput) => this.custody.linkOf(view.job, output));
  }
}

function ok<T>(data: T): Data<T> {
  return { success: true, data };
}

function sendJson(reply: FastifyReply, status: number, body: string): void {
  reply
    .status(status)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(body);
}
