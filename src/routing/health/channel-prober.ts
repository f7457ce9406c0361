import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Periodic } from '../../common/periodic.js';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import { ProviderError } from '../../providers/canonical/provider-error.js';
import { TASK_STATUS_CLIENT } from '../../providers/providers.module.js';
import type { UpstreamClient } from '../../providers/transport/upstream-client.js';
import type { Candidate } from '../candidate.js';
import { ChannelSender } from '../channel-sender.js';
import { ChannelHealth } from './channel-health.js';

const ANSWER_MS = 5000;
const ANSWER_BYTES_MAX = 2 * 1024 * 1024;

/**
 * Asks the upstreams of ejected candidates for their lists of models, where HUB_CHANNEL_PROBE_MS says so: a free call that shows whether
 * anybody is there, so that no customer's request has to find that out. What it shows is not that the model works, which is left to the
 * one request of a breaker that is half open.
 */
@Injectable()
export class ChannelProber implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Routing');
  private readonly periodic: Periodic | undefined;
  private readonly stopping = new AbortController();

  constructor(
    @Inject(ChannelHealth) private readonly health: ChannelHealth,
    @Inject(ChannelSender) private readonly sender: ChannelSender,
    @Inject(TASK_STATUS_CLIENT) private readonly client: UpstreamClient,
    @Inject(SETTINGS) { routing }: Settings,
  ) {
    if (routing.channelProbeMs === undefined) return;
    this.periodic = new Periodic(
      () => this.probe(),
      routing.channelProbeMs,
      (error) => this.logger.warn(`Channels were not probed: ${(error as Error).message}`),
    );
  }

  onApplicationBootstrap(): void {
    this.periodic?.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.periodic?.stop();
  }

  /** Asks each upstream and credential once. */
  private async probe(): Promise<void> {
    const byCredential = Map.groupBy(this.health.unanswered(), ({ credentialKey }) => credentialKey);
    await Promise.all([...byCredential.values()].map((candidates) => this.ask(candidates)));
  }

  private async ask(candidates: readonly Candidate[]): Promise<void> {
    const [candidate] = candidates;
    const path = candidate?.provider.modelList?.path;
    if (candidate === undefined || path === undefined) return;
    try {
      await this.list(candidate, path);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      this.health.note(candidate, error);
      // A refusal is an answer, except of a server that is broken: another path of it may well work.
      if (error.status === undefined || error.status >= 500) return;
    }
    for (const one of candidates) this.health.noteAnswer(one);
  }

  private async list(candidate: Candidate, path: string): Promise<void> {
    const { status, headers, body } = await this.sender.send(this.client, candidate, {
      method: 'GET',
      origin: candidate.origin,
      path: candidate.basePath + path,
      headers: { ...candidate.headers, accept: 'application/json' },
      allowPrivateNetwork: candidate.channel.allowPrivateNetwork,
      signal: AbortSignal.any([this.stopping.signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    const bytes = await body.collect(ANSWER_BYTES_MAX);
    if (status >= 400) throw candidate.provider.toError({ status, headers, body: bytes });
  }
}
