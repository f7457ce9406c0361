import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../../auth/caller-of.js';
import { HubError, invalidRequest } from '../../common/hub-error.js';
import { readPageLimit } from '../../common/keyset-cursor.js';
import { readBody } from '../../common/read-body.js';
import { readQuery } from '../../common/read-query.js';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import { requestHash } from '../../idempotency/idempotency-key.js';
import type { JobView } from '../../jobs/job-view.js';
import { Jobs } from '../../jobs/jobs.service.js';
import { SpooledUpload } from '../../upload/spooled-upload.js';
import { claimOf } from '../idempotent-job.js';
import type { Submission } from '../submission.js';
import { inOpenAiWords, videoNotFound } from './openai-video.errors.js';
import { readVideosJson, readVideosUpload } from './read-videos-create.js';
import { fromVideoId, toVideoId, toVideoObject, type VideoObject } from './to-video-object.js';

const PAGE = { standard: 20, max: 100 } as const;

/** A page of videos, as OpenAI's SDKs page through them. */
export interface VideoPage {
  readonly object: 'list';
  readonly data: readonly VideoObject[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

/** OpenAI's video API on the hub's jobs. */
@Injectable()
export class OpenAiVideos {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Takes a video on, from JSON or a multipart form. @throws HubError of the body, and those of `Jobs.create`. */
  async create(request: FastifyRequest, reply: FastifyReply): Promise<VideoObject> {
    const type = request.headers['content-type'] ?? '';
    if (/^multipart\/form-data\s*(?:;|$)/i.test(type)) return await this.createFromUpload(request, reply);
    if (!/^application\/json\s*(?:;|$)/i.test(type)) throw unsupportedType();
    const body = await readBody(request.raw, this.settings.server.bodyBytesMax);
    return await this.take(request, reply, readVideosJson(body), (route) => requestHash(route, body));
  }

  /** A page of the account's videos, newest first unless asked otherwise. @throws HubError 400 naming the parameter. */
  async list(request: FastifyRequest): Promise<VideoPage> {
    const { after, limit, order } = readQuery(request.query, ['after', 'limit', 'order']);
    if (order !== undefined && order !== 'asc' && order !== 'desc') {
      throw invalidRequest('"order" must be asc or desc.', 'order');
    }
    const size = readPageLimit(limit, PAGE);
    const from = after === undefined ? undefined : fromVideoId(after);
    if (after !== undefined && from === undefined) throw invalidRequest('"after" must be the id of a video.', 'after');
    const views = await this.jobs.list(callerOf(request).accountId, {
      kind: 'video',
      limit: size + 1,
      ...(order === 'asc' ? { after: from, order } : { before: from }),
    });
    const data = views.slice(0, size).map(({ job }) => toVideoObject(job));
    return {
      object: 'list',
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: views.length > size,
    };
  }

  /** A video of the caller's account. @throws HubError 404. */
  async find(request: FastifyRequest, videoId: string): Promise<JobView> {
    const id = fromVideoId(videoId);
    const view = id === undefined ? undefined : await this.jobs.find(callerOf(request).accountId, id);
    if (view === undefined || view.job.kind !== 'video') throw videoNotFound();
    return view;
  }

  /** Deletes a finished video with its file. @throws HubError 404, 409 while it is being made. */
  async remove(request: FastifyRequest, videoId: string): Promise<object> {
    const { job } = await this.find(request, videoId);
    await this.jobs.remove(job.accountId, job.id);
    return { id: videoId, object: 'video.deleted', deleted: true };
  }

  private async createFromUpload(request: FastifyRequest, reply: FastifyReply): Promise<VideoObject> {
    const { uploadBytesMax, bodyBytesMax } = this.settings.server;
    const upload = await SpooledUpload.receive(request.raw, uploadBytesMax);
    try {
      const submission = await readVideosUpload(upload, bodyBytesMax);
      return await this.take(request, reply, submission, (route) => upload.hash(route));
    } finally {
      await upload.discard();
    }
  }

  private async take(
    request: FastifyRequest,
    reply: FastifyReply,
    submission: Submission,
    hash: (route: string) => Buffer | Promise<Buffer>,
  ): Promise<VideoObject> {
    const claim = await claimOf(request, hash);
    const result = await this.jobs
      .create({
        requestId: request.id,
        kind: 'video',
        endpoint: 'videos',
        caller: callerOf(request),
        ...submission,
        claim,
        setHeaders: (headers) => void reply.headers(headers),
        // Only the id: a repetition shows the video as it is then, which is what a client that polls wants to know.
        toAnswer: (jobId) => ({ status: 200, headers: {}, body: toVideoId(jobId) }),
      })
      .catch((error: unknown) => {
        throw inOpenAiWords(error);
      });
    if (result.kind === 'replayed') reply.header('idempotent-replayed', 'true');
    const id = result.kind === 'created' ? toVideoId(result.id) : (result.answer.body ?? '');
    return toVideoObject((await this.find(request, id)).job);
  }
}

function unsupportedType(): HubError {
  return new HubError({
    status: 415,
    code: 'unsupported_media_type',
    message: 'Send videos as multipart/form-data or application/json.',
    shouldRetry: false,
    headers: { connection: 'close' },
  });
}
