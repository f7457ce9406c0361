import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toFrame } from '../../support/aws-frames.js';
import { BedrockError } from './bedrock-error.js';
import { checkConverse, type Wire } from './check-converse.js';
import { checkSignature, type KeyPair } from './check-signature.js';

/** What the next answers are; without one the last user text is repeated. */
export interface BedrockScript {
  readonly text?: string;
  readonly thought?: string;
  readonly calls?: readonly { readonly toolUseId: string; readonly name: string; readonly input: Wire }[];
  readonly stopReason?: string;
  readonly usage?: Wire;
  /** Answers with this error. */
  readonly error?: { readonly status: number; readonly type: string; readonly message: string };
  /** A stream ends with this exception after its first piece of text. */
  readonly exception?: string;
  /** A stream has a changed byte after its first piece of text. */
  readonly isDamaged?: boolean;
  /** A stream is cut after its first piece of text. */
  readonly isCut?: boolean;
}

/** A request as it arrived. */
export interface BedrockRequest {
  /** As it stood in the request line. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Wire;
}

/** How a simulator is started. */
export interface BedrockSimulatorOptions {
  readonly keys?: KeyPair;
  readonly apiKey?: string;
}

/** Bedrock's Converse and ConverseStream on a loopback port. It refuses what the real API refuses, wrong signatures too. */
export interface BedrockSimulator {
  readonly url: string;
  /** What arrived and was taken, oldest first. */
  readonly requests: readonly BedrockRequest[];
  script(script: BedrockScript | undefined): void;
  close(): Promise<void>;
}

/** Starts a simulator. */
export async function startBedrockSimulator(options: BedrockSimulatorOptions): Promise<BedrockSimulator> {
  let script: BedrockScript = {};
  const requests: BedrockRequest[] = [];
  const server = createServer(async (request, response) => {
    try {
      await serve(request, response, options, script, requests);
    } catch (error) {
      const { status, type, message } =
        error instanceof BedrockError ? error : new BedrockError(500, 'InternalServerException', String(error));
      response.writeHead(status, {
        'content-type': 'application/json',
        'x-amzn-errortype': `${type}:http://internal.amazon.com/`,
      });
      response.end(JSON.stringify({ message }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script: (next) => {
      script = next ?? {};
      requests.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { keys, apiKey }: BedrockSimulatorOptions,
  script: BedrockScript,
  requests: BedrockRequest[],
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const raw = Buffer.concat(chunks);
  const { url = '', headers } = request;
  if (apiKey === undefined || headers.authorization !== `Bearer ${apiKey}`) {
    if (keys === undefined) throw new BedrockError(403, 'AccessDeniedException', 'Bearer Token is invalid');
    checkSignature(request, raw, keys, Date.now());
  }
  const path = /^\/model\/([^/?:]+)\/converse(-stream)?$/.exec(url);
  if (request.method !== 'POST' || path === null) throw new BedrockError(404, 'UnknownOperationException', '');
  const body = checkConverse(JSON.parse(raw.toString('utf8')));
  requests.push({ url, headers, body });
  const { error } = script;
  if (error !== undefined) throw new BedrockError(error.status, error.type, error.message);
  if (path[2] === undefined) {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(toAnswer(body, script)));
    return;
  }
  response.setHeader('content-type', 'application/vnd.amazon.eventstream');
  for (const frame of toFrames(body, script)) await new Promise((resolve) => response.write(frame, resolve));
  if (script.isCut === true) response.destroy();
  else response.end();
}

const usageOf = ({ usage }: BedrockScript): Wire => usage ?? { inputTokens: 10, outputTokens: 5, totalTokens: 15 };
const stopOf = ({ stopReason, calls }: BedrockScript): string =>
  stopReason ?? (calls === undefined ? 'end_turn' : 'tool_use');

function textOf(body: Wire, { text, calls }: BedrockScript): string {
  if (text !== undefined) return text;
  if (calls !== undefined) return '';
  const texts = JSON.stringify(body['messages']).match(/(?<="text":")[^"]*/g) ?? [];
  return `You said: ${texts.at(-1)}`;
}

function toAnswer(body: Wire, script: BedrockScript): Wire {
  const { thought, calls = [] } = script;
  const text = textOf(body, script);
  const content = [
    ...(thought === undefined ? [] : [{ reasoningContent: { reasoningText: { text: thought, signature: 'EqQB' } } }]),
    ...(text === '' ? [] : [{ text }]),
    ...calls.map((toolUse) => ({ toolUse })),
  ];
  return {
    output: { message: { role: 'assistant', content } },
    stopReason: stopOf(script),
    usage: usageOf(script),
    metrics: { latencyMs: 1 },
  };
}

function toFrames(body: Wire, script: BedrockScript): Buffer[] {
  const { thought, calls = [], exception, isDamaged, isCut } = script;
  const event = (name: string, payload: Wire): Buffer => toFrame({ event: name, payload: { ...payload, p: 'abcdef' } });
  const frames = [event('messageStart', { role: 'assistant' })];
  let contentBlockIndex = 0;
  const block = (...deltas: readonly Wire[]): void => {
    for (const delta of deltas) frames.push(event('contentBlockDelta', { contentBlockIndex, delta }));
    frames.push(event('contentBlockStop', { contentBlockIndex }));
    contentBlockIndex++;
  };
  if (thought !== undefined)
    block({ reasoningContent: { text: thought } }, { reasoningContent: { signature: 'EqQB' } });
  const text = textOf(body, script);
  if (text !== '') block(...text.match(/.{1,4}/gsu)!.map((piece) => ({ text: piece })));
  for (const { input, ...toolUse } of calls) {
    frames.push(event('contentBlockStart', { contentBlockIndex, start: { toolUse } }));
    block(...(JSON.stringify(input).match(/.{1,5}/gsu) ?? []).map((piece) => ({ toolUse: { input: piece } })));
  }
  if (exception !== undefined)
    return [...frames.slice(0, 2), toFrame({ exception, payload: { message: 'It has failed.' } })];
  if (isCut === true) return frames.slice(0, 2);
  if (isDamaged === true) {
    const bad = Buffer.from(frames[2]!);
    bad[40] = (bad[40] ?? 0) ^ 1;
    return [...frames.slice(0, 2), bad, ...frames.slice(3)];
  }
  return [
    ...frames,
    event('messageStop', { stopReason: stopOf(script) }),
    event('metadata', { usage: usageOf(script), metrics: { latencyMs: 1 } }),
  ];
}
