import { Inject, Injectable } from '@nestjs/common';
import { Billing } from '../../../billing/billing.js';
import { PromptCounter } from '../../../tokens/prompt-counter.js';
import type { RelayContext } from '../../relay-context.js';
import { RouteChooser } from '../../route-chooser.js';
import { readMessages } from './read-messages.js';

/** Counts the tokens of a prompt for whoever asks before sending it. */
@Injectable()
export class TokenCounts {
  constructor(
    @Inject(RouteChooser) private readonly routes: RouteChooser,
    @Inject(PromptCounter) private readonly counter: PromptCounter,
    @Inject(Billing) private readonly billing: Billing,
  ) {}

  /**
   * The hub's own count, by which it sets money aside; nobody else is asked, and it costs nothing but a request of the key's limits.
   * @param body of `count_tokens`: as of `messages`, without `max_tokens`.
   * @throws HubError 400 that names the field, 404 for an unknown model, 429.
   */
  async count({ caller, setHeaders }: RelayContext, body: Uint8Array): Promise<number> {
    const { request } = readMessages(body, {}, false);
    const { limits } = this.routes.modelOf(caller, request.model);
    await this.billing.admitFree(limits === undefined ? caller.limits : [...caller.limits, limits], setHeaders);
    const { value } = request.source;
    return await this.counter.count('chat', value, body.length, request.model);
  }
}
