import { createServer, type Server, type Socket } from 'node:net';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import type { RecordedRequest } from '../../src/sandbox/faults/recorded-request.js';
import { startAnthropicSimulator } from '../simulators/anthropic/anthropic.js';
import { startGeminiSimulator } from '../simulators/gemini.js';
import { startFakeUpstream } from '../support/fake-upstream.js';
import { freePort } from '../support/free-port.js';

/** The format that an upstream speaks. */
export type Dialect = 'openai' | 'anthropic' | 'gemini';

/** What an upstream is asked. */
export interface Asked {
  readonly body: Readonly<Record<string, unknown>>;
  readonly isStream: boolean;
  /** How many requests came before. */
  readonly number: number;
}

/** What an upstream does. */
export type Rule = (asked: Asked) => Directive | undefined;

/** One upstream of the matrix, whatever it speaks. */
export interface MatrixUpstream {
  readonly dialect: Dialect;
  readonly provider: string;
  readonly baseUrl: string;
  readonly apiKey: string;
  /** A model that goes on from the beginning of an answer, where the format has such. */
  readonly upstreamModel: string;
  /** What arrived since the last reset, oldest first. */
  readonly requests: readonly Pick<RecordedRequest, 'receivedAt'>[];
  script(rule: Rule): void;
  reset(): void;
  close(): Promise<void>;
}

/** Two upstreams of OpenAI's format and one of each native one. */
export async function startUpstreams(): Promise<{
  readonly first: Readonly<Record<Dialect, MatrixUpstream>>;
  readonly second: Readonly<Record<Dialect, MatrixUpstream>>;
  readonly all: readonly MatrixUpstream[];
}> {
  const [openai, openaiToo, anthropic, gemini] = await Promise.all([
    startOpenai(),
    startOpenai(),
    startAnthropic(),
    startGemini(),
  ]);
  return {
    first: { openai, anthropic, gemini },
    second: { openai: openaiToo, anthropic, gemini },
    all: [openai, openaiToo, anthropic, gemini],
  };
}

async function startOpenai(): Promise<MatrixUpstream> {
  const fake = await startFakeUpstream();
  return {
    dialect: 'openai',
    provider: 'openai-compatible',
    baseUrl: fake.url,
    apiKey: 'sk-matrix-openai',
    upstreamModel: 'some-model',
    ...switchesOf(fake),
  };
}

async function startAnthropic(): Promise<MatrixUpstream> {
  const simulator = await startAnthropicSimulator();
  return {
    dialect: 'anthropic',
    provider: 'anthropic',
    baseUrl: simulator.url,
    apiKey: 'sk-ant-matrix',
    upstreamModel: 'claude-haiku-4-5',
    ...switchesOf(simulator),
  };
}

async function startGemini(): Promise<MatrixUpstream> {
  const simulator = await startGeminiSimulator({ acceptsAnyKey: true });
  return {
    dialect: 'gemini',
    provider: 'gemini',
    baseUrl: simulator.url,
    apiKey: simulator.credential,
    upstreamModel: 'gemini-2.0-flash',
    ...switchesOf(simulator),
  };
}

/** What all fake upstreams have in common. */
interface Switched {
  readonly requests: readonly RecordedRequest[];
  script(rule: (request: RecordedRequest) => Directive | undefined): void;
  reset(): void;
  close(): Promise<void>;
}

function switchesOf(upstream: Switched): Pick<MatrixUpstream, 'requests' | 'script' | 'reset' | 'close'> {
  return {
    get requests() {
      return upstream.requests;
    },
    script: (rule) => {
      let number = 0;
      upstream.script((request) => {
        const body: Record<string, unknown> = JSON.parse(request.body.toString('utf8'));
        // Gemini has it in the path.
        const isStream = body['stream'] === true || request.path.includes('streamGenerateContent');
        return rule({ body, isStream, number: number++ });
      });
    },
    reset: () => upstream.reset(),
    close: () => upstream.close(),
  };
}

/** An address where nobody listens. */
export async function refusingUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}

/** Takes requests and resets their connections before a byte of an answer. */
export interface Resetter {
  readonly url: string;
  /** When each request was there, by `performance.now()`. */
  readonly requests: { readonly receivedAt: number }[];
  close(): Promise<void>;
}

/** Starts one. */
export async function startResetter(): Promise<Resetter> {
  const requests: { receivedAt: number }[] = [];
  const server: Server = createServer((socket: Socket) => {
    socket.on('error', () => socket.destroy());
    let seen = '';
    socket.on('data', (bytes) => {
      seen += bytes.toString('latin1');
      if (!seen.includes('\r\n\r\n')) return;
      requests.push({ receivedAt: performance.now() });
      socket.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The resetter has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
