import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../../test/support/until.js';
import { type SandboxServer, startSandbox } from '../sandbox-server.js';
import type { Directive } from './directive.js';
import type { FaultDesk } from './fault-desk.js';

let server: SandboxServer;
let desk: FaultDesk;

beforeAll(async () => {
  server = await startSandbox({ tokenDelayMs: 0, acceptsAnyModel: true, faults: true });
  if (server.faults === undefined) throw new Error('started without faults');
  desk = server.faults;
});
afterAll(() => server.close());
afterEach(() => desk.reset());

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly chunks: readonly Buffer[];
  readonly body: Buffer;
  /** How the body ended: whole, or broken off. */
  readonly end: 'complete' | 'broken';
}

interface CallOptions {
  readonly stream?: boolean;
  readonly agent?: Agent;
  readonly token?: string;
  readonly path?: string;
}

/** One chat request with a command, read byte for byte: `fetch` would decode and hide what is tested here. */
function call(directive: Directive | undefined, options: CallOptions = {}): Promise<Answer> {
  const content = directive === undefined ? 'hello' : `please FAKE:${JSON.stringify(directive)} now`;
  const stream = options.stream === true ? { stream: true, stream_options: { include_usage: true } } : {};
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], ...stream });
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${server.url}${options.path ?? '/chat/completions'}`,
      {
        method: 'POST',
        agent: options.agent,
        maxHeaderSize: 2 ** 21,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${options.token ?? 'sk-up'}` },
      },
      (response) => {
        const chunks: Buffer[] = [];
        const finish = (end: Answer['end']) => () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            chunks,
            body: Buffer.concat(chunks),
            end,
          });
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', finish('complete'));
        response.on('error', finish('broken'));
      },
    );
    // A reset shows here as well; once an answer has begun it is part of the answer. A promise settles once.
    let hasBegun = false;
    request.once('response', () => {
      hasBegun = true;
    });
    request.on('error', (error) => {
      if (!hasBegun) reject(error);
    });
    request.end(body);
  });
}

async function events(directive: Directive): Promise<string[]> {
  const answer = await call({ tokens: 3, ...directive }, { stream: true });
  return answer.body
    .toString()
    .split('\n\n')
    .filter((event) => event !== '');
}

/** Which part of a stream an event is. */
function kindOf(event: string): string {
  if (event === 'data: [DONE]') return 'done';
  let chunk: { error?: object; choices: { delta: { role?: string; content?: string }; finish_reason: unknown }[] };
  try {
    chunk = JSON.parse(event.slice('data: '.length));
  } catch {
    return 'broken';
  }
  if (chunk.error !== undefined) return 'error';
  const [choice] = chunk.choices;
  if (choice === undefined) return 'usage';
  if (choice.delta.role !== undefined) return 'role';
  return choice.finish_reason === null ? 'token' : 'finish';
}

describe('streams', () => {
  const good = ['role', 'token', 'token', 'token', 'finish', 'usage', 'done'];
  const cases: readonly [Directive, readonly string[]][] = [
    [{}, good],
    [{ usage: 'none' }, ['role', 'token', 'token', 'token', 'finish', 'done']],
    [{ error_first: true }, ['error']],
    [{ role_only_then_error: true }, ['role', 'error']],
    [{ error_after: 2 }, ['role', 'token', 'token', 'error']],
    [{ error_after: 3 }, ['role', 'token', 'token', 'token', 'error']],
    [{ bad_event_after: 1 }, ['role', 'token', 'broken', 'token', 'token', 'finish', 'usage', 'done']],
    [{ no_done: true }, good.slice(0, -1)],
    [{ no_finish: true }, ['role', 'token', 'token', 'token', 'usage', 'done']],
    [{ double_done: true }, [...good, 'done']],
    [{ garbage_after_done: true }, [...good, 'broken', 'broken']],
    [{ cut: 'end' }, good.slice(0, -1)],
    [{ cut_after: 1, cut: 'end' }, ['role', 'token']],
    [{ tokens: 1 }, ['role', 'token', 'finish', 'usage', 'done']],
  ];

  it.each(cases)('%j', async (directive, kinds) => {
    expect((await events(directive)).map(kindOf)).toEqual(kinds);
  });

  it.each(['fin', 'rst'] as const)('breaks the connection with %s after so many tokens', async (cut) => {
    const answer = await call({ tokens: 9, cut_after: 2, cut }, { stream: true });
    expect(answer.end).toBe('broken');
    expect(answer.body.toString().match(/token\d/g)).toEqual(['token0', 'token1']);
    await until(() => desk.requests[0]?.closedAt !== undefined);
    expect(desk.requests[0]).toMatchObject({ finished: false, wasCut: true, abortedAt: undefined, tokensSent: 2 });
  });

  it('reports the scripted usage', async () => {
    const usage = JSON.parse((await events({ in: 10, out: 20 })).at(-2)!.slice('data: '.length)).usage;
    expect(usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 });
  });

  it('cuts characters of many bytes when it splits', async () => {
    const answer = await call({ text: '你好👋', split: 1 }, { stream: true });
    expect(answer.chunks.length).toBeGreaterThan(100);
    expect(answer.body.toString()).toContain('👋');
  });

  it.each([
    ['cr', /\r/, /\n/],
    ['crlf', /\r\n/, /[^\r]\n/],
    ['mixed', /\n/, /\r\r(?!\n)/],
  ] as const)('writes line ends as %s', async (line_ending, there, absent) => {
    const text = (await call({ tokens: 1, line_ending }, { stream: true })).body.toString();
    expect(text).toMatch(there);
    expect(text).not.toMatch(absent);
    // By the SSE grammar, in which CR, LF and CRLF all end a line.
    const blocks = text.replace(/\r\n?/g, '\n').split('\n\n');
    expect(blocks.slice(0, -1).map(kindOf)).toEqual(['role', 'token', 'finish', 'usage', 'done']);
  });

  it('writes BOM, comments, names, ids and many data lines', async () => {
    const directive = {
      tokens: 1,
      bom: true,
      comments: true,
      named_events: true,
      multi_data: true,
      no_last_blank: true,
    };
    const text = (await call(directive, { stream: true })).body.toString('utf8');
    expect(text.startsWith('\ufeff: keep-alive\n\nretry: 3000\nevent: message\nid: 1\ndata: {\ndata:  "id"')).toBe(
      true,
    );
    expect(text.endsWith('data: [DONE]\n')).toBe(true);
  });

  it('sends tokens for ever and notes when the client leaves', async () => {
    const request = httpRequest(`${server.url}/chat/completions`, { method: 'POST' }, (response) => {
      response.once('data', () => response.destroy());
    });
    request.on('error', () => {});
    request.end(
      JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'FAKE:{"endless":true}' }] }),
    );
    await until(() => desk.requests[0]?.abortedAt !== undefined);
    expect(desk.requests[0]).toMatchObject({ finished: false, wasCut: false });
  });

  it('sends a line of the asked length', async () => {
    const answer = await call({ tokens: 1, giant_line: 3_000_000 }, { stream: true });
    expect(answer.body.indexOf('\n')).toBe(3_000_000 + 'data: '.length);
  });
});

describe('stalls', () => {
  it.each([
    [{ stall_headers: true }, false],
    [{ stall_after: 1 }, true],
    [{ stall_after: 1 }, false],
  ] as const)('%j waits until the client leaves (stream: %s)', async (directive, stream) => {
    const body = { model: 'm', stream, messages: [{ role: 'user', content: `FAKE:${JSON.stringify(directive)}` }] };
    const request = httpRequest(`${server.url}/chat/completions`, { method: 'POST' });
    request.on('error', () => {});
    request.end(JSON.stringify(body));
    await until(() => desk.executions === 1);
    expect(desk.requests[0]?.closedAt).toBeUndefined();
    request.destroy();
    await until(() => desk.requests[0]?.abortedAt !== undefined);
  });
});

describe('whole answers', () => {
  it('sends a status with body and headers, and can echo our credential', async () => {
    const body = { error: { message: 'bad key {{authorization}}' } };
    const answer = await call({ status: 401, body, headers: { 'x-extra': 'y' } }, { token: 'sk-secret' });
    expect([answer.status, answer.headers['x-extra']]).toEqual([401, 'y']);
    expect(JSON.parse(answer.body.toString())).toEqual({ error: { message: 'bad key Bearer sk-secret' } });
    expect(desk.executions).toBe(0);
  });

  it('plays a recorded stream', async () => {
    const body = ': hi\n\ndata: {"x":"你"}\n\n';
    const answer = await call({ status: 200, body, content_type: 'text/event-stream', split: 3 }, { stream: true });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/event-stream']);
    expect(answer.body.toString()).toBe(body);
    expect(desk.executions).toBe(1);
  });

  it('sends 429 with Retry-After', async () => {
    const answer = await call({ retry_after: 30 });
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '30']);
  });

  it.each([
    [{ html: true, status: 502 }, 502, 'text/html', /<h1>/],
    [{ bad_json: true }, 200, 'application/json', /"a":$/],
    [{ empty: true }, 200, 'application/json', /^$/],
    [{ no_content: true }, 204, undefined, /^$/],
    [{ redirect: 'http://127.0.0.1:1/' }, 302, 'text/plain', /^$/],
    [{ error_first: true }, 200, 'application/json', /^{"error"/],
    [{ blank_lines: 2 }, 200, 'application/json', /^\n\n{"id"/],
    [{ content_type: 'text/plain' }, 200, 'text/plain', /^{"id"/],
    [{ json_as_stream: true }, 200, 'text/event-stream; charset=utf-8', /\[DONE]\n\n$/],
  ] as const)('%j', async (directive, status, contentType, body) => {
    const answer = await call(directive);
    expect([answer.status, answer.headers['content-type']]).toEqual([status, contentType]);
    expect(answer.body.toString()).toMatch(body);
  });

  it('answers a stream request with JSON', async () => {
    const answer = await call({ stream_as_json: true, text: 'hi' }, { stream: true });
    expect(JSON.parse(answer.body.toString()).choices[0].message.content).toBe('hi');
  });

  it('compresses unasked, names too many encodings, and sends a bomb', async () => {
    expect((await call({ gzip: true })).body.subarray(0, 2).toString('hex')).toBe('1f8b');
    expect((await call({ encodings: 3 })).headers['content-encoding']).toBe('gzip, gzip, gzip');
    expect((await call({ gzip_bomb: 2 ** 30 })).body.length).toBeLessThan(2 ** 21);
  });

  it('sends as many headers and body bytes as asked', async () => {
    expect(Object.keys((await call({ header_count: 500 })).headers).length).toBeGreaterThan(500);
    expect((await call({ header_bytes: 100_000 })).headers['x-big']).toHaveLength(100_000);
    const huge = await call({ body_bytes: 5_000_000 });
    expect(huge.body).toHaveLength(5_000_000);
    expect(JSON.parse(huge.body.toString()).choices[0].finish_reason).toBe('stop');
  });

  it('refuses a command it does not know', async () => {
    expect((await call({ stall_aftre: 1 } as Directive)).status).toBe(400);
    expect(() => desk.script({ nope: 1 } as Directive)).toThrow('nope');
  });
});

describe('connections', () => {
  it('resets a kept connection when the next request arrives on it', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      expect((await call({ reuse_reset: true }, { agent })).status).toBe(200);
      await expect(call(undefined, { agent })).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(desk.requests.map((record) => record.connection)).toEqual(Array(2).fill(desk.requests[0]?.connection));
      expect(desk.executions).toBe(1);
    } finally {
      agent.destroy();
    }
  });

  it('answers before the body has come', async () => {
    desk.script({ early_status: 413 });
    const status = await new Promise((resolve, reject) => {
      const options = { method: 'POST', headers: { 'content-length': 1_000_000 } };
      const request = httpRequest(`${server.url}/chat/completions`, options, (response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      request.on('error', reject);
      request.flushHeaders();
    });
    expect(status).toBe(413);
  });
});

describe('scripts', () => {
  it('apply to all requests, or to one key, until taken away', async () => {
    desk.script({ status: 500 });
    desk.scriptKey('sk-other', (request) => ({ status: request.body.includes('hello') ? 503 : 200 }));
    expect((await call(undefined)).status).toBe(500);
    expect((await call(undefined, { token: 'sk-other' })).status).toBe(503);
    desk.script(undefined);
    expect((await call(undefined)).status).toBe(200);
    desk.reset();
    expect((await call(undefined, { token: 'sk-other' })).status).toBe(200);
  });

  it('records what arrived, byte for byte', async () => {
    await call(undefined);
    await until(() => desk.requests[0]?.finished === true);
    expect(desk.requests[0]).toMatchObject({ method: 'POST', path: '/v1/chat/completions', abortedAt: undefined });
    expect(desk.requests[0]?.body.toString()).toBe('{"model":"m","messages":[{"role":"user","content":"hello"}]}');
    expect(desk.requests[0]?.headers.authorization).toBe('Bearer sk-up');
  });
});
