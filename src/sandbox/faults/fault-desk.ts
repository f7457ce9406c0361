import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Reply } from '../reply.js';
import type { AnswerScript } from '../sandbox-request.js';
import { goneSignal, pause, sendReply } from '../send-reply.js';
import { checkDirective, type Directive } from './directive.js';
import { FaultWriter } from './fault-writer.js';
import { findCommand } from './find-command.js';
import { type RecordedRequest, recordRequest } from './recorded-request.js';
import { type FaultyAnswer, sendEarly, sendFaultyReply, sendSubstitute, substituteStatus } from './send-faulty.js';

/** Decides per request, when its body is in, and takes as long as it likes; undefined means a good answer. */
export type ScriptFunction = (request: RecordedRequest) => Directive | undefined | Promise<Directive | undefined>;

/** What the server lends the desk for one request. */
export interface ServerHands {
  readBody(): Promise<Buffer>;
  toReply(body: Buffer, script: AnswerScript): Reply;
  toHeaders(): OutgoingHttpHeaders;
  readonly tokenDelayMs: number;
}

// Benchmarks send millions of requests; older records are let go.
const RECORDS_MAX = 5000;

/** The fault switches and the memory of a fake upstream. */
export class FaultDesk {
  /** What arrived, oldest first; the latest 5,000. */
  readonly requests: RecordedRequest[] = [];
  /** How many requests a model would have begun to work on; refusals do not count. */
  executions = 0;
  private rule: Directive | ScriptFunction | undefined;
  private readonly keyRules = new Map<string, Directive | ScriptFunction>();
  private readonly connections = new WeakMap<Socket, number>();
  private readonly doomedSockets = new WeakSet<Socket>();
  private connectionCount = 0;

  /** Applies to all following requests; undefined ends it. A command in the request adds to it and wins. */
  script(rule: Directive | ScriptFunction | undefined): void {
    this.rule = checkRule(rule);
  }

  /** As `script`, for requests with this bearer token only, which then do not look at the general script. */
  scriptKey(token: string, rule: Directive | ScriptFunction | undefined): void {
    const checked = checkRule(rule);
    if (checked === undefined) this.keyRules.delete(token);
    else this.keyRules.set(token, checked);
  }

  /** Forgets scripts, records and counts. */
  reset(): void {
    this.requests.length = 0;
    this.executions = 0;
    this.rule = undefined;
    this.keyRules.clear();
  }

  /** Answers one request. */
  async serve(request: IncomingMessage, response: ServerResponse, hands: ServerHands): Promise<void> {
    const record = this.record(request, response);
    if (this.doomedSockets.has(request.socket)) {
      record.wasCut = true;
      request.socket.resetAndDestroy();
      return;
    }
    const rule = this.ruleFor(request);
    if (typeof rule === 'object' && rule.early_status !== undefined) {
      sendEarly({ request, response, record, directive: rule, headers: hands.toHeaders() }, rule.early_status);
      return;
    }
    record.body = await hands.readBody();
    const scripted = typeof rule === 'function' ? await rule(record) : rule;
    const command = findCommand(record.body);
    const directive = scripted === undefined ? command : { ...scripted, ...command };
    if (directive === undefined) {
      const reply = hands.toReply(record.body, {});
      // Asking for what there is sets no model to work.
      if (record.method === 'POST') this.executions++;
      await sendReply(response, reply, hands.toHeaders(), hands.tokenDelayMs);
      return;
    }
    await this.obey({ request, response, record, directive, headers: hands.toHeaders() }, hands);
  }

  private async obey(answer: FaultyAnswer, hands: ServerHands): Promise<void> {
    const { directive, response, record } = answer;
    if (directive.reuse_reset === true) this.doomedSockets.add(answer.request.socket);
    if (directive.delay_ms !== undefined) await pause(directive.delay_ms, goneSignal(response));
    if (directive.stall_headers === true) {
      this.executions++;
      return new FaultWriter(response, directive, record).stall();
    }
    if (response.destroyed) return;
    const status = substituteStatus(directive);
    if (status !== undefined) {
      // Counted before a byte leaves, so that whoever has the answer finds it counted.
      if (status < 300) this.executions++;
      return sendSubstitute(answer, status);
    }
    const reply = hands.toReply(record.body, toAnswerScript(directive));
    this.executions++;
    await sendFaultyReply(answer, reply);
  }

  private record(request: IncomingMessage, response: ServerResponse): RecordedRequest {
    let connection = this.connections.get(request.socket);
    if (connection === undefined) {
      connection = ++this.connectionCount;
      this.connections.set(request.socket, connection);
    }
    const record = recordRequest(request, response, connection);
    this.requests.push(record);
    if (this.requests.length > RECORDS_MAX) this.requests.shift();
    return record;
  }

  private ruleFor(request: IncomingMessage): Directive | ScriptFunction | undefined {
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    return this.keyRules.get(token) ?? this.rule;
  }
}

function checkRule(rule: Directive | ScriptFunction | undefined): Directive | ScriptFunction | undefined {
  return typeof rule === 'object' ? checkDirective(rule) : rule;
}

function toAnswerScript(directive: Directive): AnswerScript {
  return {
    text: directive.text,
    tokenCount: directive.tokens,
    inputTokens: directive.in,
    outputTokens: directive.out,
    usage: directive.usage,
    tier: directive.tier,
    imageCount: directive.images,
    videoWorkMs: directive.video_ms,
    videoEnd: directive.video_end,
    isStream: directive.stream_as_json === true ? false : directive.json_as_stream === true ? true : undefined,
  };
}
