import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { FaultDesk, type ScriptFunction } from '../../src/sandbox/faults/fault-desk.js';
import { commonHeaders, pathOf, queryOf, readBody, sendError } from '../../src/sandbox/http-exchange.js';
import type { Reply } from '../../src/sandbox/reply.js';
import { route } from '../../src/sandbox/route.js';
import { SandboxError } from '../../src/sandbox/sandbox-error.js';
import { type AnswerScript, isJsonObject } from '../../src/sandbox/sandbox-request.js';
import { VideoMemory } from '../../src/sandbox/video/video-memory.js';
import type { FakeUpstream } from '../support/fake-upstream.js';
import { modelOfEncrypted, type ResponsesPlay, responsesEvents, toResponsesAnswer } from './responses-answer.js';
import { readResponsesRequest, type SeenRequest } from './responses-request.js';

/** What the model does: always the same, or decided by what it is asked; undefined for a sentence. */
export type PlayRule = ResponsesPlay | ((seen: SeenRequest) => ResponsesPlay | undefined) | undefined;

/**
 * OpenAI as it is for its newest models: `/v1/responses`, strict about what it is sent, and a `/v1/chat/completions` that refuses
 * function tools of thinking models. Faults are those of the fake upstream.
 */
export interface ResponsesSimulator extends FakeUpstream {
  /** What the model does from now on. */
  play(rule: PlayRule): void;
  /** Requests to `/v1/responses` that were in order, oldest first. */
  readonly seen: readonly SeenRequest[];
}

const BODY_BYTES_MAX = 64 * 1024 * 1024;
const PATH = '/v1/responses';
const CHAT_PATH = '/v1/chat/completions';
const DEFAULT_TEXT = 'Hello! This is a demo answer. 世界 👋';

/** Starts the simulator on a free port of the loopback interface. */
export async function startResponsesSimulator(): Promise<ResponsesSimulator> {
  const desk = new FaultDesk();
  const seen: SeenRequest[] = [];
  const videos = new VideoMemory(0);
  let rule: PlayRule;

  const toReply = (request: IncomingMessage, body: Buffer, script: AnswerScript): Reply => {
    const path = pathOf(request);
    const method = request.method ?? 'GET';
    if (path === PATH && method === 'POST') {
      const read = readResponsesRequest(body);
      checkEncrypted(read);
      seen.push(read);
      return answer(read, typeof rule === 'function' ? rule(read) : rule, script);
    }
    if (path === CHAT_PATH) checkToolsOfThinkers(body);
    const query = queryOf(request);
    return route({
      method,
      path,
      query,
      headers: request.headers,
      body,
      origin: url,
      acceptsAnyModel: true,
      videos,
      script,
    });
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedAt = performance.now();
    const toHeaders = (): OutgoingHttpHeaders => {
      const { 'x-hub-sandbox': _, ...headers } = commonHeaders(startedAt);
      return headers;
    };
    // A client that leaves at the wrong moment shows here.
    response.on('error', () => response.destroy());
    try {
      await desk.serve(request, response, {
        readBody: () => readBody(request, BODY_BYTES_MAX),
        toReply: (body, script) => toReply(request, body, script),
        toHeaders,
        tokenDelayMs: 0,
      });
    } catch (error) {
      sendError(response, error, toHeaders());
    }
  };

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    port,
    url: `${url}/v1`,
    seen,
    get requests() {
      return desk.requests;
    },
    get executions() {
      return desk.executions;
    },
    script: (next: Directive | ScriptFunction | undefined) => desk.script(next),
    scriptKey: (token, next) => desk.scriptKey(token, next),
    play: (next) => {
      rule = next;
    },
    reset: () => {
      desk.reset();
      seen.length = 0;
      rule = undefined;
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

function answer(seen: SeenRequest, played: ResponsesPlay | undefined, script: AnswerScript): Reply {
  const words = script.tokenCount === undefined ? undefined : Array(script.tokenCount).fill('word').join(' ');
  const text = script.text ?? words;
  const play: ResponsesPlay = {
    ...played,
    output: text === undefined ? (played?.output ?? [{ type: 'text', text: DEFAULT_TEXT }]) : [{ type: 'text', text }],
    usage: script.usage ?? scriptedUsage(script) ?? played?.usage,
  };
  const made = toResponsesAnswer(seen, play);
  if (script.isStream ?? seen.isStream) return { type: 'stream', events: responsesEvents(made) };
  return { type: 'json', body: made.response };
}

function scriptedUsage({ inputTokens, outputTokens }: AnswerScript): Readonly<Record<string, unknown>> | undefined {
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  return {
    input_tokens: inputTokens ?? 1,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: outputTokens ?? 1,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: (inputTokens ?? 1) + (outputTokens ?? 1),
  };
}

/** Reasoning can be read only by the model that made it. */
function checkEncrypted({ parts, model }: SeenRequest): void {
  for (const part of parts) {
    if (part.kind !== 'reasoning' || modelOfEncrypted(part.encrypted) === model) continue;
    const text =
      'The encrypted content could not be verified. Reason: Encrypted content could not be decrypted or parsed.';
    throw new SandboxError(400, text, null, 'invalid_encrypted_content');
  }
}

/** The refusal that makes `/responses` necessary. */
function checkToolsOfThinkers(bytes: Buffer): void {
  const body: unknown = JSON.parse(bytes.toString('utf8'));
  if (!isJsonObject(body) || !Array.isArray(body['tools']) || body['tools'].length === 0) return;
  const model = String(body['model']);
  const isRestricted = /^gpt-(5\.[6-9]|[6-9])/.test(model);
  const hasNone = !/^gpt-6(-astra|\.1)/.test(model);
  if (!isRestricted || (hasNone && body['reasoning_effort'] === 'none')) return;
  const text = `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. Please use /v1/responses instead.`;
  throw new SandboxError(400, text, 'reasoning_effort');
}
