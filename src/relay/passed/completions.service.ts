import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import type { AnswerEvent } from '../../providers/canonical/answer-events.js';
import type { CompletionsAnswer, CompletionsRequest } from '../../providers/canonical/completions.js';
import type { CompletionsOperation } from '../../providers/provider.js';
import type { UpstreamResponse } from '../../providers/transport/upstream-client.js';
import type { Candidate } from '../../routing/candidate.js';
import type { Attempt } from '../attempt.js';
import type { RelayAnswer } from '../relay-answer.js';
import type { RelayContext } from '../relay-context.js';
import type { RelayRun } from '../relay-run.js';
import { UpstreamSender } from '../upstream-sender.js';
import { inUsualTier } from '../with-priced-tier.js';
import { CompletionsShaper } from './answer-shaper.js';
import { EchoedPrompts } from './echoed-prompts.js';
import { PassedRequests } from './passed-requests.js';
import { PassedStreams } from './passed-streams.js';
import { ofCompletions } from './to-passed-request.js';
import { validateCompletions } from './validate-completions.js';

/** completions, whole and streamed. */
@Injectable()
export class CompletionsService {
  constructor(
    @Inject(PassedRequests) private readonly requests: PassedRequests,
    @Inject(PassedStreams) private readonly streams: PassedStreams,
    @Inject(UpstreamSender) private readonly sender: UpstreamSender,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** @throws HubError before the first byte of the answer; later failures end the stream with an error event. */
  async complete(context: RelayContext, body: Uint8Array): Promise<RelayAnswer> {
    context.capture?.takeRequest(body);
    const read = validateCompletions(body);
    const { request } = read;
    const { model, isStream, choiceCount } = request;
    const admitted = await this.requests.admit(context, ofCompletions(read));
    if (!('run' in admitted)) return admitted;
    const { run } = admitted;
    if (!isStream) {
      return await this.requests.whole(admitted, async (attempt) => {
        const { bytes, usage, texts } = await this.ask(run, request, attempt);
        const echoed = new EchoedPrompts(request);
        return { bytes, usage, text: () => texts.map((text, choice) => echoed.written(text, choice)).join('') };
      });
    }
    const id = `cmpl-${context.requestId.slice('req_'.length)}`;
    return await this.streams.answer(admitted, {
      choiceCount,
      toShaper: (progress) => new CompletionsShaper(progress, model, id, request.includeUsage),
      post: (attempt) => this.post(run, request, attempt),
      open: ({ candidate }) =>
        new EchoedPrompts(request).reader(operationOf(candidate).openStream(candidate.target, request)),
      fromWhole: (bytes, _type, { candidate }) =>
        toEvents(operationOf(candidate).fromBody(bytes, request, candidate.target)),
    });
  }

  private async ask(run: RelayRun, request: CompletionsRequest, attempt: Attempt): Promise<CompletionsAnswer> {
    const { candidate } = attempt;
    const response = await this.post(run, request, attempt);
    const bytes = await response.body.collect(this.settings.upstream.bodyBytesMax);
    return operationOf(candidate).fromBody(bytes, request, candidate.target);
  }

  private post(run: RelayRun, request: CompletionsRequest, attempt: Attempt): Promise<UpstreamResponse> {
    const { candidate } = attempt;
    const operation = operationOf(candidate);
    const body = inUsualTier(request, (plain) => operation.toBody(plain, candidate.target));
    return this.sender.postJson(run, attempt, operation.path, body);
  }
}

function operationOf({ provider }: Candidate): CompletionsOperation {
  if (provider.completions === undefined)
    throw new Error(`The provider "${provider.id}" has no completions operation.`);
  return provider.completions;
}

/** A whole answer as the events of a stream. */
function toEvents({ bytes, texts, usage }: CompletionsAnswer): readonly AnswerEvent[] {
  const { usage: wire, ...value } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;
  const told = texts.map((text, choice) => ({ text, choice }));
  const event: AnswerEvent = {
    type: 'event',
    value,
    texts: told,
    hasContent: texts.some((text) => text !== ''),
    begun: [],
    finished: told.map(({ choice }) => ({ choice, reason: 'length' })),
  };
  return usage === undefined ? [event] : [event, { type: 'usage', usage, wire: wire as Record<string, unknown> }];
}
