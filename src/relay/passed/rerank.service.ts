import { Inject, Injectable } from '@nestjs/common';
import { isObject } from '../../common/is-object.js';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import { ProviderError } from '../../providers/canonical/provider-error.js';
import type { RerankAnswer, RerankRequest, RerankResult } from '../../providers/canonical/rerank.js';
import type { RerankOperation } from '../../providers/provider.js';
import type { Attempt } from '../attempt.js';
import type { RelayAnswer } from '../relay-answer.js';
import type { RelayContext } from '../relay-context.js';
import type { RelayRun } from '../relay-run.js';
import { UpstreamSender } from '../upstream-sender.js';
import { PassedRequests } from './passed-requests.js';
import { ofRerank } from './to-passed-request.js';
import { validateRerank } from './validate-rerank.js';

/** rerank. */
@Injectable()
export class RerankService {
  constructor(
    @Inject(PassedRequests) private readonly requests: PassedRequests,
    @Inject(UpstreamSender) private readonly sender: UpstreamSender,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** @throws HubError. */
  async rerank(context: RelayContext, body: Uint8Array): Promise<RelayAnswer> {
    context.capture?.takeRequest(body);
    const request = validateRerank(body);
    const admitted = await this.requests.admit(context, ofRerank(request));
    if (!('run' in admitted)) return admitted;
    return await this.requests.whole(admitted, async (attempt) => {
      const answer = await this.ask(admitted.run, request, attempt);
      return { bytes: toBody(request, answer, context.requestId), usage: answer.usage };
    });
  }

  private async ask(run: RelayRun, request: RerankRequest, attempt: Attempt): Promise<RerankAnswer> {
    const { provider, target } = attempt.candidate;
    const operation = provider.rerank;
    if (operation === undefined) throw new Error(`The provider "${provider.id}" has no rerank operation.`);
    requireRoom(operation, request);
    const response = await this.sender.postJson(run, attempt, operation.path, operation.toBody(request, target));
    return operation.fromBody(await response.body.collect(this.settings.upstream.bodyBytesMax), request, target);
  }
}

function requireRoom({ documentsMax }: RerankOperation, { documents }: RerankRequest): void {
  if (documentsMax === undefined || documents.length <= documentsMax) return;
  throw new ProviderError({
    kind: 'unsupported_option',
    message: `This model takes at most ${documentsMax} documents.`,
    param: 'documents',
  });
}

/** The answer in the shape that Jina, Cohere, SiliconFlow and vLLM share; what was consumed in Jina's place and in Cohere's. */
function toBody(request: RerankRequest, { id, results, usage }: RerankAnswer, requestId: string): Uint8Array {
  const shown = results.slice(0, request.topN).map((result) => toResult(request, result));
  const tokens = usage?.inputTokens;
  const searches = usage?.searches;
  const billed = {
    ...(searches !== undefined && { search_units: searches }),
    ...(tokens !== undefined && { input_tokens: tokens }),
  };
  return Buffer.from(
    JSON.stringify({
      id: id ?? `rerank-${requestId.slice('req_'.length)}`,
      model: request.model,
      results: shown,
      ...(tokens !== undefined && { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
      ...(usage !== undefined && { meta: { billed_units: billed } }),
    }),
  );
}

function toResult({ source, returnDocuments, documents }: RerankRequest, result: RerankResult): RerankResult {
  const { index, relevance_score } = result;
  if (!returnDocuments) return { index, relevance_score };
  const given = source.value['documents'];
  const own: unknown = Array.isArray(given) ? given[index] : undefined;
  const text = documents[index] ?? '';
  return { index, relevance_score, document: isObject(own) ? { ...own, text } : { text } };
}
