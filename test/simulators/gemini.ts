import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { FaultDesk, type ScriptFunction } from '../../src/sandbox/faults/fault-desk.js';
import type { RecordedRequest } from '../../src/sandbox/faults/recorded-request.js';
import { pathOf, queryOf, readBody } from '../../src/sandbox/http-exchange.js';
import type { Reply } from '../../src/sandbox/reply.js';
import type { AnswerScript } from '../../src/sandbox/sandbox-request.js';
import { toStream, toWhole } from './gemini/answer-events.js';
import { checkGenerate } from './gemini/check-generate.js';
import { composeAnswer, type GeminiAnswer } from './gemini/compose-answer.js';
import { embed } from './gemini/embed.js';
import { badKey, GoogleError, invalidArgument, overQuota } from './gemini/google-error.js';
import { isJson, type Json } from './gemini/json-fields.js';
import { MODEL_NAMES, rulesOf } from './gemini/models.js';

/** What the model says to a request: one answer for all, or chosen by the body. */
export type GeminiAnswers = GeminiAnswer | ((body: Json, model: string) => GeminiAnswer);

/** The Gemini API as its documents and its refusals describe it, with the fault switches of the fake upstream. */
export interface GeminiSimulator {
  readonly port: number;
  /** Base URL with `/v1beta`. */
  readonly url: string;
  /** A key that it takes. */
  readonly credential: string;
  /** What arrived, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** How many requests a model has begun to work on. */
  readonly executions: number;
  /**
   * What goes wrong with the following requests, in the words of the fake upstream (`src/sandbox/faults/directive.ts`). Errors
   * without a body of their own come in Google's shape; `retry_after` becomes a `RetryInfo`, since there is no such header.
   */
  script(rule: Directive | ScriptFunction | undefined): void;
  /** What the model says to the following requests; undefined lets it invent again. */
  answer(answers: GeminiAnswers | undefined): void;
  reset(): void;
  close(): Promise<void>;
}

const CREDENTIAL = 'AIzaSy-simulated-0123456789-abcdefghijk';
const BODY_BYTES_MAX = 64 * 1024 * 1024;
const PAGE_DEFAULT = 50;
const PATH = /^\/v1beta\/models\/([^/:]+):(\w+)$/;

/** How a simulator is started. */
export interface GeminiSimulatorOptions {
  /** Default: only {@link GeminiSimulator.credential}. */
  readonly acceptsAnyKey?: boolean;
}

/** Starts the simulator on a free port. */
export async function startGeminiSimulator(options: GeminiSimulatorOptions = {}): Promise<GeminiSimulator> {
  const desk = new FaultDesk();
  const model = new SimulatedModel(options.acceptsAnyKey ?? false);
  const server = createServer((request, response) => void serve(desk, model, request, response));
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/v1beta`,
    credential: CREDENTIAL,
    get requests() {
      return desk.requests;
    },
    get executions() {
      return desk.executions;
    },
    script: (rule) => desk.script(typeof rule === 'function' ? (request) => inGoogle(rule(request)) : inGoogle(rule)),
    answer: (answers) => {
      model.answers = answers ?? {};
    },
    reset: () => {
      desk.reset();
      model.answers = {};
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

/** A directive whose errors are Google's. */
function inGoogle(directive: Directive | undefined): Directive | undefined {
  if (directive === undefined) return undefined;
  const { retry_after, ...rest } = directive;
  const error = rest.error ?? new GoogleError(503).toObject();
  if (retry_after !== undefined) return { status: 429, body: overQuota(Number(retry_after)).toBody(), ...rest, error };
  const status = rest.status ?? rest.early_status;
  if (status === undefined || status < 400 || rest.body !== undefined || rest.html === true) return { ...rest, error };
  return { ...rest, error, body: new GoogleError(status).toBody() };
}

async function serve(
  desk: FaultDesk,
  model: SimulatedModel,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.on('error', () => response.destroy());
  const headers = { 'x-gemini-service-tier': 'standard', vary: 'Origin', server: 'scaffolding on HTTPServer2' };
  try {
    await desk.serve(request, response, {
      readBody: () => readBody(request, BODY_BYTES_MAX),
      toReply: (body, script) => model.reply(request, body, script),
      toHeaders: () => headers,
      tokenDelayMs: 0,
    });
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const refusal = error instanceof GoogleError ? error : new GoogleError(500, String(error));
    response.writeHead(refusal.httpStatus, { 'content-type': 'application/json; charset=UTF-8' });
    response.end(JSON.stringify(refusal.toBody(), null, 2));
  }
}

/** Everything behind the key. */
class SimulatedModel {
  answers: GeminiAnswers = {};
  private count = 0;

  constructor(private readonly acceptsAnyKey: boolean) {}

  /** @throws GoogleError. */
  reply(request: IncomingMessage, raw: Buffer, script: AnswerScript): Reply {
    checkKey(request, this.acceptsAnyKey);
    const path = pathOf(request);
    if (request.method === 'GET' && path === '/v1beta/models')
      return { type: 'json', body: listModels(queryOf(request)) };
    const [, encoded = '', method = ''] = request.method === 'POST' ? (PATH.exec(path) ?? []) : [];
    const name = decodeURIComponent(encoded);
    const isKnown = MODEL_NAMES.includes(name) && methodsOf(name).includes(method);
    if (!isKnown) {
      throw new GoogleError(
        404,
        `models/${name} is not found for API version v1beta, or is not supported for ${method}. Call ListModels to see the list of available models and their supported methods.`,
      );
    }
    const body = parse(raw);
    if (method === 'batchEmbedContents') return { type: 'json', body: embed(body, name) };
    const isStream = method === 'streamGenerateContent';
    checkGenerate(body, name, isStream);
    const own = typeof this.answers === 'function' ? this.answers(body, name) : this.answers;
    const answer = composeAnswer(body, name, ++this.count, script, own);
    if (!(script.isStream ?? isStream)) return toWhole(answer);
    return toStream(answer, queryOf(request).get('alt') === 'sse' ? own : { ...own, isArray: true });
  }
}

function checkKey({ headers }: IncomingMessage, acceptsAny: boolean): void {
  const key = headers['x-goog-api-key'];
  if (key === undefined) {
    throw new GoogleError(
      403,
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    );
  }
  if (key !== CREDENTIAL && !acceptsAny) throw badKey();
}

function methodsOf(name: string): readonly string[] {
  return rulesOf(name).embeds
    ? ['embedContent', 'batchEmbedContents']
    : ['generateContent', 'streamGenerateContent', 'countTokens'];
}

function listModels(query: URLSearchParams): Json {
  const size = Number(query.get('pageSize') ?? PAGE_DEFAULT);
  const start = Number(query.get('pageToken') ?? 0);
  const end = start + size;
  return {
    models: MODEL_NAMES.slice(start, end).map((name) => ({
      name: `models/${name}`,
      displayName: name,
      inputTokenLimit: 1_048_576,
      outputTokenLimit: 65_536,
      supportedGenerationMethods: methodsOf(name).filter((method) => method !== 'streamGenerateContent'),
    })),
    ...(end < MODEL_NAMES.length && { nextPageToken: String(end) }),
  };
}

function parse(raw: Buffer): Json {
  try {
    const value: unknown = JSON.parse(raw.toString('utf8'));
    if (isJson(value)) return value;
  } catch {
    // Answered below.
  }
  throw invalidArgument('Invalid JSON payload received. Unexpected end of string.');
}
