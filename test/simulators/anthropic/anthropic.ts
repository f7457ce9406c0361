import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkDirective } from '../../../src/sandbox/faults/directive.js';
import { FaultDesk } from '../../../src/sandbox/faults/fault-desk.js';
import type { RecordedRequest } from '../../../src/sandbox/faults/recorded-request.js';
import { pathOf, queryOf, readBody } from '../../../src/sandbox/http-exchange.js';
import type { Reply } from '../../../src/sandbox/reply.js';
import { type AnthropicDirective, toCommonDirective } from './anthropic-directive.js';
import { AnthropicError, errorBodyOf } from './anthropic-error.js';
import { MODEL_IDS } from './anthropic-models.js';
import { checkRequest } from './check-request.js';
import { makeMessage } from './make-message.js';
import { messageEvents } from './message-events.js';

const BODY_BYTES_MAX = 32 * 1024 * 1024;
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
const MODELS_PAGE = 20;

/** Decides per request, when its body is in; undefined means a good answer. */
export type AnthropicScript = AnthropicDirective | ((request: RecordedRequest) => AnthropicDirective | undefined);

/** Anthropic's Messages API on a loopback port, with the switches of the fake upstream. */
export interface AnthropicSimulator {
  readonly port: number;
  /** Base URL as a channel has it: without `/v1`. */
  readonly url: string;
  /** What arrived, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** How many requests a model would have begun to work on. */
  readonly executions: number;
  /** Applies to all following requests; undefined ends it. */
  script(rule: AnthropicScript | undefined): void;
  /** As `script`, for requests with this key only, which then do not look at the general script. */
  scriptKey(key: string, rule: AnthropicScript | undefined): void;
  reset(): void;
  close(): Promise<void>;
}

/** How a simulator is started. */
export interface AnthropicSimulatorOptions {
  /** When set, every other key is refused with 401. */
  readonly apiKey?: string;
  /** Pause between two tokens of a stream, in milliseconds; default 0. */
  readonly tokenDelayMs?: number;
}

/** Starts a simulator. It refuses what the real API refuses, so that a wrong translation cannot pass. */
export async function startAnthropicSimulator(options: AnthropicSimulatorOptions = {}): Promise<AnthropicSimulator> {
  const simulator = new Simulator(options);
  const server = createServer((request, response) => void simulator.serve(request, response));
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get requests() {
      return simulator.desk.requests;
    },
    get executions() {
      return simulator.desk.executions;
    },
    script: (rule) => simulator.script(rule),
    scriptKey: (key, rule) => simulator.scriptKey(key, rule),
    reset: () => simulator.reset(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Simulator {
  readonly desk = new FaultDesk();
  private rule: AnthropicScript | undefined;
  private readonly keyRules = new Map<string, AnthropicScript>();
  /** What the desk does not know of a directive, by the body that it was made for. */
  private readonly own = new WeakMap<Buffer, AnthropicDirective>();
  private count = 0;

  constructor(private readonly options: AnthropicSimulatorOptions) {
    this.reset();
  }

  script(rule: AnthropicScript | undefined): void {
    if (typeof rule === 'object') checkDirective(toCommonDirective(rule));
    this.rule = rule;
  }

  scriptKey(key: string, rule: AnthropicScript | undefined): void {
    if (typeof rule === 'object') checkDirective(toCommonDirective(rule));
    if (rule === undefined) this.keyRules.delete(key);
    else this.keyRules.set(key, rule);
  }

  reset(): void {
    this.desk.reset();
    this.rule = undefined;
    this.keyRules.clear();
    this.desk.script((request) => this.directiveFor(request));
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy());
    const requestId = `req_${String(++this.count).padStart(6, '0')}`;
    const toHeaders = (): OutgoingHttpHeaders => headersOf(requestId);
    try {
      await this.desk.serve(request, response, {
        readBody: () => readBody(request, BODY_BYTES_MAX),
        toReply: (body) => this.answer(request, body),
        toHeaders,
        tokenDelayMs: this.options.tokenDelayMs ?? 0,
      });
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      const status = error instanceof AnthropicError ? error.status : 500;
      const body = JSON.stringify(errorBodyOf(status, error instanceof Error ? error.message : 'failed', requestId));
      response.writeHead(status, { ...toHeaders(), 'content-type': 'application/json' }).end(body);
    }
  }

  private directiveFor(request: RecordedRequest): AnthropicDirective | undefined {
    const rule = this.keyRules.get(keyOf(request.headers)) ?? this.rule;
    const directive = typeof rule === 'function' ? rule(request) : rule;
    if (directive === undefined) return undefined;
    this.own.set(request.body, directive);
    const common = checkDirective(toCommonDirective(directive));
    const status = common.status ?? (common.retry_after === undefined ? undefined : 429);
    if (status === undefined || status < 400 || common.body !== undefined || common.html === true) return common;
    return { ...common, body: { ...errorBodyOf(status, `The simulator answers ${status}.`, 'req_scripted') } };
  }

  private answer(request: IncomingMessage, body: Buffer): Reply {
    this.checkHeaders(request);
    const path = pathOf(request);
    if (request.method === 'GET' && path === '/v1/models') return listModels(queryOf(request));
    const beta = String(request.headers['anthropic-beta'] ?? '');
    const isCount = path === '/v1/messages/count_tokens';
    if (request.method !== 'POST' || (path !== '/v1/messages' && !isCount)) throw new AnthropicError(404, 'Not Found');
    if (isCount) {
      const counted = checkRequest({ ...parse(body), max_tokens: 1 }, beta);
      return { type: 'json', body: { input_tokens: counted.inputTokens } };
    }
    const checked = checkRequest(parse(body), beta);
    const directive = this.own.get(body) ?? {};
    const message = makeMessage(checked, directive);
    const isStream =
      directive.stream_as_json === true ? false : directive.json_as_stream === true ? true : checked.isStream;
    if (isStream) return { type: 'stream', events: messageEvents(message, directive) };
    if (directive.error_first === true)
      return {
        type: 'json',
        body: { type: 'error', error: directive.error ?? { type: 'api_error', message: 'failed' } },
      };
    return { type: 'json', body: message };
  }

  private checkHeaders({ headers }: IncomingMessage): void {
    const key = keyOf(headers);
    if (key === '') throw new AnthropicError(401, 'x-api-key header is required');
    const { apiKey } = this.options;
    if (apiKey !== undefined && key !== apiKey) throw new AnthropicError(401, 'invalid x-api-key');
    if (headers['anthropic-version'] !== '2023-06-01')
      throw new AnthropicError(400, 'anthropic-version: header is required');
  }
}

function keyOf(headers: IncomingMessage['headers']): string {
  const key = headers['x-api-key'];
  return typeof key === 'string' ? key : (headers.authorization ?? '').replace(/^Bearer /, '');
}

function parse(body: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new AnthropicError(400, 'The request body is not valid JSON.');
  }
}

function listModels(query: URLSearchParams): Reply {
  const limit = Number(query.get('limit') ?? MODELS_PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
    throw new AnthropicError(400, 'limit: Input should be less than or equal to 1000');
  const ids: readonly string[] = MODEL_IDS;
  const from = ids.indexOf(query.get('after_id') ?? '') + 1;
  const page = ids.slice(from, from + limit);
  const data = page.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' }));
  const has_more = from + limit < ids.length;
  return { type: 'json', body: { data, has_more, first_id: page[0] ?? null, last_id: page.at(-1) ?? null } };
}

function headersOf(requestId: string): OutgoingHttpHeaders {
  return {
    'request-id': requestId,
    'anthropic-organization-id': '4f0c9c9e-0000-4000-8000-000000000000',
    'anthropic-ratelimit-requests-limit': '4000',
    'anthropic-ratelimit-requests-remaining': '3999',
    'anthropic-ratelimit-requests-reset': new Date(Date.now() + 1_000).toISOString(),
  };
}
