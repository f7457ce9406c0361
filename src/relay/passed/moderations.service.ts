import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import type { RelayAnswer } from '../relay-answer.js';
import type { RelayContext } from '../relay-context.js';
import { UpstreamSender } from '../upstream-sender.js';
import { PassedRequests } from './passed-requests.js';
import { ofModerations } from './to-passed-request.js';
import { validateModerations } from './validate-moderations.js';

/** moderations. */
@Injectable()
export class ModerationsService {
  constructor(
    @Inject(PassedRequests) private readonly requests: PassedRequests,
    @Inject(UpstreamSender) private readonly sender: UpstreamSender,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** @throws HubError. */
  async moderate(context: RelayContext, body: Uint8Array): Promise<RelayAnswer> {
    context.capture?.takeRequest(body);
    const request = validateModerations(body);
    const admitted = await this.requests.admit(context, ofModerations(request));
    if (!('run' in admitted)) return admitted;
    return await this.requests.whole(admitted, async (attempt) => {
      const { provider, target } = attempt.candidate;
      const operation = provider.moderations;
      if (operation === undefined) throw new Error(`The provider "${provider.id}" has no moderations operation.`);
      const sent = operation.toBody(request, target);
      const response = await this.sender.postJson(admitted.run, attempt, operation.path, sent);
      return operation.fromBody(await response.body.collect(this.settings.upstream.bodyBytesMax), request, target);
    });
  }
}
