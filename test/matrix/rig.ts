import type { DeclaredModel } from '../../src/channels/declaration.js';
import { Attempts } from '../../src/relay/attempts.js';
import { RetryBudget } from '../../src/routing/retry-budget.js';
import { type BookedRequest, balanceOf, bookedRequest, openHolds, TEST_PRICE } from '../support/books.js';
import { type HubOptions, startHub, type TestHub } from '../support/hub.js';
import { readStream } from '../support/relay-client.js';
import { findUnsound } from '../support/sound-books.js';
import { until } from '../support/until.js';
import { type Fault, type Form, GOOD } from './faults.js';
import { type Dialect, type MatrixUpstream, refusingUrl, startResetter, startUpstreams } from './upstreams.js';

/** Who else is there: another channel of the same model, a fallback model on another channel, or nobody. */
export type Company = 'two channels' | 'fallback model' | 'nobody';

/** One cell of the matrix. */
export interface Cell {
  readonly fault: Fault;
  readonly form: Form;
  readonly dialects: readonly [first: Dialect, second: Dialect];
  readonly company: Company;
  /** The second upstream has the fault as well. */
  readonly isEverywhere?: boolean;
  readonly model?: Partial<DeclaredModel>;
}

/** What a caller, two upstreams and the books say of one request. */
export interface Outcome {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The answer says that it is complete: `[DONE]` or a whole body, with the finish reason `stop`. */
  readonly isComplete: boolean;
  /** Code of the error answer or error event. */
  readonly error: string | undefined;
  /** From asking to the last byte, in milliseconds. */
  readonly ms: number;
  /** When each request reached the upstream, by `performance.now()`. */
  readonly first: readonly number[];
  readonly second: readonly number[];
  /** What a stream told of the tokens used, or a whole answer. */
  readonly told: { readonly prompt_tokens: number; readonly completion_tokens: number } | undefined;
  readonly booked: BookedRequest | undefined;
  /** What the account has paid for it, in nano-credits. */
  readonly paid: bigint;
}

/** Price of the fallback model: another one, so that one sees which of the two was charged. */
export const FALLBACK_PRICE = { inputPerMillion: '3000', outputPerMillion: '5000' } as const;
/** How patient the hub of the matrix is with slow upstreams while another candidate is left, in milliseconds. */
export const PATIENCE_MS = 500;
/** And with all others, which are only as slow as a busy machine makes them. */
const LONG_PATIENCE_MS = 15_000;
/** The models that are asked for, and that stand in. */
export const MODEL = 'asked';
export const FALLBACK = 'stand-in';

/** Requests that might have come between two cells. */
const REQUESTS_BETWEEN = 20;
const CHAT = '/api/relay/v1/chat/completions';
const WINDOW_TOKENS = 8_192;
const LARGE_WINDOW_TOKENS = 200_000;

/** One hub and its upstreams. */
export class Rig {
  private serial = 0;

  private constructor(
    readonly hub: TestHub,
    private readonly upstreams: Awaited<ReturnType<typeof startUpstreams>>,
    private readonly resetter: Awaited<ReturnType<typeof startResetter>>,
    private readonly refusing: string,
  ) {}

  static async start(): Promise<Rig> {
    const [upstreams, resetter, refusing] = await Promise.all([startUpstreams(), startResetter(), refusingUrl()]);
    return new Rig(await startHub(), upstreams, resetter, refusing);
  }

  async close(): Promise<void> {
    await this.hub.close();
    await Promise.all([...this.upstreams.all, this.resetter].map((upstream) => upstream.close()));
  }

  /** Declares the channels of a cell, breaks its upstreams, asks once, and says what came of it. */
  async play(cell: Cell, body: Readonly<Record<string, unknown>> = {}): Promise<Outcome> {
    await this.arrange(cell);
    // Retries are counted for ten seconds, and a cell is not to pay for those before it.
    const budget = this.hub.app.get(RetryBudget);
    for (let i = 0; i < REQUESTS_BETWEEN; i++) budget.noteRequest();
    return await this.ask(cell, body);
  }

  /** Declares the channels of a cell, each as if nobody had asked it yet, and lets its upstreams do what they are to do. */
  async arrange(cell: Cell): Promise<void> {
    const { fault, company } = cell;
    const { first, second } = this.pair(cell);
    this.hurry(fault.slow);
    for (const upstream of this.upstreams.all) upstream.reset();
    this.resetter.requests.length = 0;
    second.script(
      cell.isEverywhere ? fault.rule(second.dialect) : (fault.secondRule?.(second.dialect) ?? (() => GOOD)),
    );
    first.script(fault.rule(first.dialect));
    this.serial++;
    const primary = this.channel('first', first, MODEL, 2, fault.wire);
    const other = company === 'fallback model' ? FALLBACK : MODEL;
    const wire = cell.isEverywhere ? fault.wire : undefined;
    const secondary = company === 'nobody' ? [] : [this.channel('second', second, other, 1, wire)];
    await this.hub.setChannels([primary, ...secondary], modelsOf(cell));
  }

  /** Asks once, and says what came of it. @param body more of the request. */
  async ask(cell: Cell, body: Readonly<Record<string, unknown>> = {}): Promise<Outcome> {
    const { hub } = this;
    const before = await balanceOf(hub.sql, hub.accountId);
    const startedAt = performance.now();
    const isStream = cell.form === 'stream';
    const response = await hub.post(CHAT, {
      model: MODEL,
      messages: [{ role: 'user', content: 'What happened?' }],
      ...(isStream && { stream: true, stream_options: { include_usage: true } }),
      ...body,
    });
    const seen = await readAnswer(response, isStream);
    const ms = performance.now() - startedAt;
    const after = await balanceOf(hub.sql, hub.accountId);
    const booked = await bookedRequest(hub.sql, response.headers.get('x-request-id') ?? '');
    const { first, second } = this.seenBy(cell);
    return { ...seen, ms, first, second, booked, paid: before.available - after.available };
  }

  /** Throws unless all holds are closed and the books are sound. */
  async requireSoundBooks(): Promise<void> {
    await until(async () => (await openHolds(this.hub.sql)) === 0);
    const unsound = await findUnsound(this.hub.sql);
    if (unsound.length > 0) throw new Error(unsound.join('\n'));
  }

  /** When each request reached the upstreams of a cell. */
  seenBy(cell: Pick<Cell, 'dialects' | 'fault'>): Pick<Outcome, 'first' | 'second'> {
    const { first, second } = this.pair(cell);
    const times = (upstream: { readonly requests: readonly { readonly receivedAt: number }[] }): number[] =>
      upstream.requests.map(({ receivedAt }) => receivedAt);
    return { first: times(cell.fault.wire === 'reset' ? this.resetter : first), second: times(second) };
  }

  /** One hub serves all cells, so its settings are changed where attempts go by them. */
  private hurry(slow: Fault['slow']): void {
    const startsMs = slow === 'before content' ? PATIENCE_MS : LONG_PATIENCE_MS;
    const gapTimeoutMs = slow === 'after content' ? PATIENCE_MS : LONG_PATIENCE_MS;
    const { settings, app } = this.hub;
    const relay = { ...settings.relay, firstTokenTimeoutMs: startsMs, wholeTimeoutMs: startsMs, gapTimeoutMs };
    Object.assign(app.get(Attempts)['tools'], { settings: { ...settings, relay } });
  }

  private pair({ dialects }: Pick<Cell, 'dialects'>): { first: MatrixUpstream; second: MatrixUpstream } {
    return { first: this.upstreams.first[dialects[0]], second: this.upstreams.second[dialects[1]] };
  }

  private channel(
    name: string,
    { dialect, provider, baseUrl, apiKey, upstreamModel }: MatrixUpstream,
    model: string,
    priority: number,
    wire: Fault['wire'],
  ): NonNullable<HubOptions['channels']>[number] {
    const address = wire === undefined ? baseUrl : wire === 'reset' ? this.resetter.url : this.refusing;
    const models = new Map([[model, upstreamModel]]);
    // Health goes by credential as well. A channel that gets a new one is as good as new, and costs less than one more channel.
    const fresh = { name: `${name}-${dialect}`, apiKey: `${apiKey}-${this.serial}` };
    return { ...fresh, provider, baseUrl: address, priority, models };
  }
}

function modelsOf({ company, model }: Cell): DeclaredModel[] {
  const fallbacks = company === 'fallback model' ? [{ model: FALLBACK }] : undefined;
  const capabilities = { contextTokens: WINDOW_TOKENS };
  const asked: DeclaredModel = {
    id: MODEL,
    price: TEST_PRICE,
    ...model,
    routing: { fallbacks, capabilities, ...model?.routing },
  };
  if (fallbacks === undefined) return [asked];
  const standIn: DeclaredModel = {
    id: FALLBACK,
    price: FALLBACK_PRICE,
    routing: { capabilities: { contextTokens: LARGE_WINDOW_TOKENS } },
  };
  return [asked, standIn];
}

type Seen = Pick<Outcome, 'status' | 'headers' | 'text' | 'isComplete' | 'error' | 'told'>;

/** An answer as its caller understands it. @throws Error for one that breaks the protocol. */
async function readAnswer(response: Response, isStream: boolean): Promise<Seen> {
  const { status, headers } = response;
  if (status !== 200) {
    const { error } = (await response.json()) as { error: { code: string } };
    return { status, headers, text: '', isComplete: false, error: error.code, told: undefined };
  }
  if (!isStream) {
    const body = (await response.json()) as {
      choices: { message: { content: string }; finish_reason: string }[];
      usage?: Outcome['told'];
    };
    const [choice] = body.choices;
    return {
      status,
      headers,
      text: choice?.message.content ?? '',
      isComplete: choice?.finish_reason === 'stop' && body.choices.length === 1,
      error: undefined,
      told: body.usage,
    };
  }
  const stream = await readStream(response);
  const chunks = stream.events.filter(({ error }) => error === undefined);
  const finishes = chunks.flatMap(({ choices }) => choices ?? []).filter(({ finish_reason }) => finish_reason !== null);
  const ids = new Set(chunks.map(({ id }) => id));
  const models = new Set(chunks.map(({ model }) => model));
  const roles = chunks.flatMap(({ choices }) => choices ?? []).filter(({ delta }) => delta.role !== undefined);
  if (ids.size > 1 || models.size > 1 || roles.length > 1 || finishes.length > 1)
    throw new Error(`This is more than one answer:\n${stream.text}`);
  if (stream.error !== undefined && !stream.text.trimEnd().endsWith('}'))
    throw new Error(`The error event is not the last:\n${stream.text}`);
  return {
    status,
    headers,
    text: stream.content,
    isComplete: stream.isDone && finishes[0]?.finish_reason === 'stop' && stream.error === undefined,
    error: stream.error?.code,
    told: chunks.findLast(({ usage }) => usage != null)?.usage ?? undefined,
  };
}
