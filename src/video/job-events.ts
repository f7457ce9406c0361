import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller-of.js';
import type { CancelSignal } from '../common/cancellation.js';
import { errorBody } from '../common/present-error.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { writeStream } from '../http/write-stream.js';
import { isOver } from '../jobs/job.js';
import type { JobView } from '../jobs/job-view.js';
import { Jobs } from '../jobs/jobs.service.js';
import { JobDesk } from './job-desk.js';
import { JobStreams } from './job-streams.js';

/** Tells of a job's states as server-sent events: the present one, then each change, until the job is over. */
@Injectable()
export class JobEvents {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(JobDesk) private readonly desk: JobDesk,
    @Inject(JobStreams) private readonly streams: JobStreams,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Streams the states of a job. Resolves when the job is over, the client has left or the hub stops.
   * @throws HubError 429 before the stream begins.
   */
  async send(request: FastifyRequest, reply: FastifyReply, view: JobView): Promise<void> {
    const stream = this.streams.begin(callerOf(request).keyId);
    const onClose = (): void => stream.abort('The client has left.');
    reply.raw.once('close', onClose);
    try {
      if (reply.raw.destroyed) return;
      await writeStream(
        reply,
        {
          kind: 'stream',
          headers: {},
          events: this.events(view, stream),
          signal: stream,
          toErrorEvent: (error) => `event: error\ndata: ${errorBody(error, 'hub', reply.request.id)}\n\n`,
        },
        this.settings.relay.streamPingMs,
      );
    } finally {
      stream.abort('The stream has ended.');
    }
  }

  private async *events({ job }: JobView, signal: CancelSignal): AsyncGenerator<string, void> {
    let last: string | undefined;
    for await (const now of this.jobs.watch(job.accountId, job.id, signal)) {
      // In silence the writer sends comments of its own accord.
      if (now === 'ping') continue;
      const data = JSON.stringify(this.desk.present(now));
      if (data !== last) yield `event: status\ndata: ${data}\n\n`;
      last = data;
      if (isOver(now.job.state)) return;
    }
  }
}
