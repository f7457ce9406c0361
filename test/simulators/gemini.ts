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
import { badKey, GoogleError, invalidArgument, overQuota, unknownName } from './gemini/google-error.js';
import { isJson, type Json, listAt, objectAt } from './gemini/json-fields.js';
import { MODEL_NAMES, rulesOf } from './gemini/models.js';
import { ACCESS_TOKEN, sellToken, serviceAccount } from './vertex/token-service.js';

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
const VERTEX_BASE = '/v1/projects/simulated-project/locations/global';
const VERTEX_PATH = new RegExp(`^${VERTEX_BASE}/publishers/google/models/([^/:]+):(\\w+)$`);

/** How a simulator is started. */
export interface GeminiSimulatorOptions {
  /** Default: only {@link GeminiSimulator.credential}. */
  readonly acceptsAnyKey?: boolean;
  /**
   * The same models on Vertex AI: other paths, bearer tokens that the simulator sells for its service account, and calls of functions
   * without ids. The URL is that of a project and a location.
   */
  readonly isVertex?: boolean;
}

/** Starts the simulator on a free port. */
export async function startGeminiSimulator(options: GeminiSimulatorOptions = {}): Promise<GeminiSimulator> {
  const desk = new FaultDesk();
  const { acceptsAnyKey = false, isVertex = false } = options;
  const model = new SimulatedModel(acceptsAnyKey, isVertex);
  const server = createServer((request, response) => void serve(desk, model, request, response));
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    port,
    url: origin + (isVertex ? VERTEX_BASE : '/v1beta'),
    credential: isVertex ? serviceAccount(`${origin}/token`) : CREDENTIAL,
    get requests() {
      return desk.requests;
    },
    get executions() {
      return desk.executions;
    },
    script: (rule) =>
      desk.script(typeof rule === 'function' ? async (request) => inGoogle(await rule(request)) : inGoogle(rule)),
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
  if (model.isVertex && pathOf(request) === '/token') {
    const audience = `http://${request.headers.host}/token`;
    const { status, body } = sellToken(
      (await readBody(request, BODY_BYTES_MAX)).toString('utf8'),
      audience,
      Date.now(),
    );
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(body));
    return;
  }
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

  constructor(
    private readonly acceptsAnyKey: boolean,
    readonly isVertex: boolean,
  ) {}

  /** @throws GoogleError. */
  reply(request: IncomingMessage, raw: Buffer, script: AnswerScript): Reply {
    if (this.isVertex) checkToken(request);
    else checkKey(request, this.acceptsAnyKey);
    const path = pathOf(request);
    if (request.method === 'GET' && path === '/v1beta/models')
      return { type: 'json', body: listModels(queryOf(request)) };
    const [, encoded = '', method = ''] =
      request.method === 'POST' ? ((this.isVertex ? VERTEX_PATH : PATH).exec(path) ?? []) : [];
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
    if (this.isVertex) checkCallsHaveNoIds(body);
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

function checkToken({ headers }: IncomingMessage): void {
  if (headers.authorization !== `Bearer ${ACCESS_TOKEN}`)
    throw new GoogleError(401, 'Request had invalid authentication credentials.');
}

/** Its first version has no ids of calls. */
function checkCallsHaveNoIds(body: Json): void {
  for (const part of listAt(body, 'contents').flatMap((content) => listAt(content, 'parts'))) {
    for (const name of ['functionCall', 'functionResponse'])
      if ('id' in objectAt(part, name)) throw unknownName('id', `contents.parts.${name}`);
  }
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
