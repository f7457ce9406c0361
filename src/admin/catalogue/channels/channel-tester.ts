import { Inject, Injectable } from '@nestjs/common';
import type { CatalogChannel } from '../../../channels/catalog.types.js';
import { ChannelStore } from '../../../channels/channel-store.js';
import { readStoredChannels } from '../../../channels/stored-channel.js';
import { HubError } from '../../../common/hub-error.js';
import { JsonSource } from '../../../common/json-source.js';
import { ADMIN_SQL, type Sql } from '../../../database/sql.js';
import { type AttemptThrottle, AttemptThrottles } from '../../../limits/attempt-throttle.js';
import type { ProviderErrorKind } from '../../../providers/canonical/provider-error.js';
import { ProviderError } from '../../../providers/canonical/provider-error.js';
import type { UpstreamBody } from '../../../providers/provider.js';
import { ProviderRegistry } from '../../../providers/provider-registry.js';
import { TASK_STATUS_CLIENT } from '../../../providers/providers.module.js';
import { resolvePath } from '../../../providers/resolve-path.js';
import type { UpstreamClient, UpstreamRequest } from '../../../providers/transport/upstream-client.js';
import { type Candidate, ChannelUnusableError, toCandidate } from '../../../routing/candidate.js';
import { ChannelSender } from '../../../routing/channel-sender.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { Mutations } from '../../graphql/mutations.js';
import { readId } from '../../graphql/read-id.js';
import { checkModelId } from '../check-input.js';
import type { TestChannelInput } from './channel.input.js';
import { ChannelFails, type ChannelFault, ChannelWorks } from './channel-test.type.js';

const TEST_MS = 10_000;
/** What a model may say; some take no smaller limit. */
const OUTPUT_TOKENS = 16;
const TESTS = { limit: 10, windowMs: 60_000 };
const ANSWER_BYTES_MAX = 2 * 1024 * 1024;
const MODELS_MAX = 500;
/** Names of models and nothing else: an answer of something that is no list of models says nothing here. */
const MODEL_NAME = /^[\w.:/@+-]{1,128}$/;

interface TestRoute {
  readonly modelId: string;
  readonly upstreamModel: string;
}

/**
 * Tries channels out with the cheapest real call there is, by the transport, the address guard and the adapter of live traffic. What
 * it answers is a word of ours: no part of an upstream's text, and the same for every way in which an address does not answer, so
 * that nothing can be fetched or explored through it. Nobody is charged.
 */
@Injectable()
export class ChannelTester {
  private readonly throttle: AttemptThrottle;
  private readonly underWay = new Set<string>();

  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(ChannelStore) private readonly store: ChannelStore,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(ChannelSender) private readonly sender: ChannelSender,
    @Inject(TASK_STATUS_CLIENT) private readonly client: UpstreamClient,
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(AttemptThrottles) throttles: AttemptThrottles,
  ) {
    this.throttle = throttles.for('channel-test', TESTS);
  }

  /**
   * @throws HubError 404, 409 `test_under_way`, 429 after ten tests in a minute.
   */
  async test(context: AdminContext, input: TestChannelInput): Promise<ChannelWorks | ChannelFails> {
    const id = readId('channel', input.id);
    const stored = (await readStoredChannels(this.sql, [id])).get(id);
    if (stored === undefined || stored.removedAt !== null) throw notFound('channel', id);
    const routes = await this.routesOf(id);
    const route = this.routeOf(routes, input);
    await this.count(context.requireActor().userId);
    if (this.underWay.has(id)) throw testUnderWay(stored.name);
    this.underWay.add(id);
    try {
      // Before the call, so that none is made without a trace.
      await this.mutations.run(context, async (_session, trail) => {
        const { allowCost, model } = input;
        trail.changed({ action: 'channel.test', kind: 'channel', id, after: { allowCost, model: model ?? null } });
      });
      const channel = await this.store.findChannel(id);
      return channel === undefined
        ? fails('unusable', 'The credential of the channel does not open: give it again.')
        : await this.try(channel, route, routes, input.allowCost);
    } finally {
      this.underWay.delete(id);
    }
  }

  private async try(
    channel: CatalogChannel,
    route: TestRoute | undefined,
    routes: readonly TestRoute[],
    allowCost: boolean,
  ): Promise<ChannelWorks | ChannelFails> {
    const target = { publicModel: route?.modelId ?? '', upstreamModel: route?.upstreamModel ?? '' };
    try {
      const candidate = toCandidate(channel, this.providers.get(channel.provider), target);
      if (allowCost) return route === undefined ? NO_ROUTE : await this.ask(candidate);
      if (candidate.provider.modelList === undefined) return NO_FREE_TEST;
      return await this.listWithEach(channel, target, route === undefined ? routes : [route]);
    } catch (error) {
      if (error instanceof ChannelUnusableError)
        return fails('unusable', `The channel cannot be used: ${error.message}.`);
      if (error instanceof ProviderError) return toFailure(error);
      throw error;
    }
  }

  /** Asks for the list of models with each credential of the channel: one that is refused is to be found before live traffic does. */
  private async listWithEach(
    channel: CatalogChannel,
    target: Candidate['target'],
    routes: readonly TestRoute[],
  ): Promise<ChannelWorks | ChannelFails> {
    const credentials = [channel.credential, ...(channel.moreCredentials ?? [])];
    const results = await Promise.all(
      credentials.map((credential) => {
        const alone = { ...channel, credential, moreCredentials: undefined };
        const candidate = toCandidate(alone, this.providers.get(channel.provider), target);
        return this.list(candidate, routes).catch((error: unknown) => {
          if (error instanceof ProviderError) return toFailure(error);
          throw error;
        });
      }),
    );
    for (const [index, result] of results.entries()) {
      if (!(result instanceof ChannelFails)) continue;
      const which = credentials.length === 1 ? '' : `Credential ${index + 1} of ${credentials.length}: `;
      return fails(result.code, which + result.message);
    }
    const [first] = results;
    if (first === undefined) throw new Error(`The channel "${channel.name}" was tested with no credential`);
    return first;
  }

  /** Asks for the list of models. */
  private async list(candidate: Candidate, routes: readonly TestRoute[]): Promise<ChannelWorks> {
    const { modelList } = candidate.provider;
    if (modelList === undefined) throw new Error(`The provider "${candidate.provider.id}" lists no models`);
    const { body, latencyMs } = await this.send(candidate, 'GET', candidate.basePath + modelList.path);
    const names = readAnswer(() => modelList.fromBody(body));
    const known = new Set(names);
    return works(
      latencyMs,
      names.filter((name) => MODEL_NAME.test(name)).slice(0, MODELS_MAX),
      routes.map(({ upstreamModel }) => upstreamModel).filter((name) => !known.has(name)),
    );
  }

  /** Asks a model for a word or two. */
  private async ask(candidate: Candidate): Promise<ChannelWorks | ChannelFails> {
    const { chat } = candidate.provider;
    if (chat === undefined)
      return fails('noFreeTest', 'This provider has no chat models, and other calls cost too much for a test.');
    const { target } = candidate;
    const source = JsonSource.parse(
      Buffer.from(
        JSON.stringify({
          model: target.publicModel,
          messages: [{ role: 'user', content: '1' }],
          max_tokens: OUTPUT_TOKENS,
        }),
      ),
    );
    const request = {
      source,
      model: target.publicModel,
      isStream: false,
      includeUsage: false,
      choiceCount: 1,
      outputTokensCap: OUTPUT_TOKENS,
      isCapReworded: true,
    };
    const translated = chat.toBody(request, target, { outputTokensCap: OUTPUT_TOKENS });
    const path = resolvePath(translated.path ?? chat.path, candidate, translated.isStream);
    const { body, latencyMs } = await this.send(candidate, 'POST', path, translated);
    // Some answer with a stream whatever they are asked for; that they do is all that is to be known.
    if (!translated.isStream) readAnswer(() => chat.fromBody(body, target, request));
    return works(latencyMs, [], []);
  }

  private async send(candidate: Candidate, method: 'GET' | 'POST', path: string, translated?: UpstreamBody) {
    const startedAt = performance.now();
    const request: UpstreamRequest = {
      method,
      origin: candidate.origin,
      path,
      headers:
        translated === undefined
          ? { ...candidate.headers, accept: 'application/json' }
          : { ...candidate.jsonHeaders[translated.isStream ? 'stream' : 'whole'], ...translated.headers },
      body: translated?.body,
      allowPrivateNetwork: candidate.channel.allowPrivateNetwork,
      isOnce: translated !== undefined,
      signal: AbortSignal.timeout(TEST_MS),
    };
    const response = await this.sender.send(this.client, candidate, request);
    const { status, headers } = response;
    if (status >= 300 && status < 400) {
      response.body.abort(new Error('redirect'));
      throw new ProviderError({ kind: 'invalid_response', status, message: 'redirect' });
    }
    const bytes = await response.body.collect(ANSWER_BYTES_MAX);
    if (status >= 400) throw candidate.provider.toError({ status, headers, body: bytes });
    return { body: bytes, latencyMs: Math.round(performance.now() - startedAt) };
  }

  private async count(userId: string): Promise<void> {
    const { isAllowed, retryAfterMs } = await this.throttle.hit(userId);
    if (!isAllowed) throw tooManyTests(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  }

  private routesOf(id: string): Promise<TestRoute[]> {
    return this.sql.query<TestRoute>(
      `select model_id as "modelId", upstream_model as "upstreamModel" from route where channel_id = $1
        order by model_id limit ${MODELS_MAX}`,
      [id],
    );
  }

  private routeOf(routes: readonly TestRoute[], { model }: TestChannelInput): TestRoute | undefined {
    if (model == null) return undefined;
    checkModelId(model, 'model');
    const route = routes.find(({ modelId }) => modelId === model);
    if (route === undefined) throw notFound('route of this channel for', model, 'model');
    return route;
  }
}

const FAULTS: Partial<Record<ProviderErrorKind, readonly [ChannelFault, string]>> = {
  credential: ['credential', 'The upstream refuses the credential. Give the channel another one.'],
  out_of_money: ['outOfMoney', 'The account at the upstream has no credit. Top it up there.'],
  rate_limited: ['rateLimited', 'The upstream is over its rate limit. Try again later.'],
  model_missing: ['modelMissing', 'The upstream does not have this model. Check the upstream name of the route.'],
};

/** Every way in which a connection does not come about or breaks has one text: otherwise it would tell what listens where. */
const NO_ANSWER_KINDS: ReadonlySet<ProviderErrorKind> = new Set(['unreachable', 'tls', 'timeout', 'incomplete']);

function toFailure({ kind, status }: ProviderError): ChannelFails {
  if (status === undefined && (NO_ANSWER_KINDS.has(kind) || kind === 'invalid_response')) {
    return fails(
      'noAnswer',
      'No usable answer came from the address of this channel. Check its base URL and the network.',
    );
  }
  const [fault, text] = FAULTS[kind] ?? [undefined, ''];
  if (fault !== undefined) return fails(fault, text);
  if (kind === 'invalid_response' || status === 404 || status === 405) {
    return fails(
      'notThisApi',
      'Something answered, but not as this provider does. Check the base URL and the provider.',
    );
  }
  return fails('refused', 'The upstream refused the request or failed with it. Its status page may know more.');
}

/** Reads an answer that came with success; one that cannot be understood is of another API. */
function readAnswer<Answer>(read: () => Answer): Answer {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProviderError) || error.kind !== 'invalid_response') throw error;
    throw new ProviderError({ kind: 'invalid_response', status: 200, message: error.message, cause: error });
  }
}

const NO_FREE_TEST = fails(
  'noFreeTest',
  'This provider has no test without cost. Set "allowCost" and name a model to ask it for a few tokens.',
);
const NO_ROUTE = fails('noFreeTest', 'With "allowCost" name the model that is to be asked: "model".');

function fails(code: ChannelFault, message: string): ChannelFails {
  return Object.assign(new ChannelFails(), { code, message });
}

function works(latencyMs: number, models: string[], missingModels: string[]): ChannelWorks {
  return Object.assign(new ChannelWorks(), { latencyMs, models, missingModels });
}

function testUnderWay(name: string): HubError {
  return new HubError({
    status: 409,
    code: 'test_under_way',
    message: `The channel "${name}" is being tested. Wait for the result.`,
    param: 'id',
    shouldRetry: false,
  });
}

function tooManyTests(retryAfterSeconds: number): HubError {
  return new HubError({
    status: 429,
    code: 'too_many_tests',
    message: `At most ${TESTS.limit} channels can be tested in a minute. Please try again in ${retryAfterSeconds} seconds.`,
    retryAfterSeconds,
    shouldRetry: false,
  });
}
