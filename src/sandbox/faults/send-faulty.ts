import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Reply, StreamEvent } from '../reply.js';
import { pause, STREAM_HEADERS } from '../send-reply.js';
import type { Directive } from './directive.js';
import { EventEncoder } from './encode-event.js';
import { errorBody, faultSteps, type Step } from './fault-steps.js';
import { FaultWriter } from './fault-writer.js';
import type { RecordedRequest } from './recorded-request.js';

/** Everything a faulty answer is made from. */
export interface FaultyAnswer {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: RecordedRequest;
  readonly directive: Directive;
  readonly headers: OutgoingHttpHeaders;
}

const HTML =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n';
const BOMB_MEMBER_BYTES = 16 * 1024 * 1024;

/** Status of an answer that needs no endpoint (an error, a redirect, a body of the wrong kind); undefined for others. */
export function substituteStatus(directive: Directive): number | undefined {
  if (directive.redirect !== undefined) return 302;
  if (directive.no_content === true) return 204;
  const hasOwnBody = directive.html === true || directive.bad_json === true || directive.empty === true;
  const isLarge = directive.gzip_bomb !== undefined || directive.body_bytes !== undefined;
  if (directive.status === undefined && directive.retry_after !== undefined) return 429;
  return directive.status ?? (hasOwnBody || isLarge ? 200 : undefined);
}

/** Sends the answer that {@link substituteStatus} gave a status for. */
export async function sendSubstitute(answer: FaultyAnswer, status: number): Promise<void> {
  const { directive } = answer;
  if (directive.redirect !== undefined) {
    await sendBody(answer, status, '', 'text/plain', { location: directive.redirect });
  } else if (directive.no_content === true) await sendBody(answer, status, '', null);
  else if (directive.html === true) await sendBody(answer, status, HTML, 'text/html');
  else if (directive.bad_json === true) await sendBody(answer, status, '{"id":"chatcmpl-cut","choices":[{"a":');
  else if (directive.empty === true) await sendBody(answer, status, '');
  else if (directive.gzip_bomb !== undefined) await sendBomb(answer, status, directive.gzip_bomb);
  else if (directive.body_bytes !== undefined) await sendHugeJson(answer, status, directive.body_bytes);
  else await sendStatus(answer, status);
}

/** Sends an endpoint's reply with the faults of the directive in it. */
export async function sendFaultyReply(answer: FaultyAnswer, reply: Reply): Promise<void> {
  if (reply.type === 'stream') return sendFaultyStream(answer, reply.events);
  const { directive } = answer;
  if (reply.type === 'bytes') return sendBody(answer, 200, reply.bytes, reply.contentType);
  const body = directive.error_first === true ? errorBody(directive) : reply.body;
  await sendBody(answer, 200, '\n'.repeat(directive.blank_lines ?? 0) + JSON.stringify(body));
}

/** Answers `early_status` while the request body is still on its way. */
export function sendEarly(answer: FaultyAnswer, status: number): void {
  const bytes = Buffer.from(statusBody(answer, status));
  writeHead(answer, status, { 'content-type': 'application/json', 'content-length': bytes.length });
  answer.response.end(bytes);
}

async function sendFaultyStream(answer: FaultyAnswer, events: Iterable<StreamEvent>): Promise<void> {
  const { response, directive, record } = answer;
  const writer = new FaultWriter(response, directive, record);
  const encoder = new EventEncoder(directive);
  writeHead(answer, 200, STREAM_HEADERS);
  const steps = faultSteps(events, directive);
  let next = steps.next();
  while (next.done !== true && !writer.gone.aborted) {
    const step: Step = next.value;
    if (step.type === 'cut') return writer.cut();
    if (step.type === 'stall') return writer.stall();
    if (step.type === 'wait') await pause(step.ms, writer.gone);
    next = steps.next();
    if (step.type === 'garbage') await writer.write('data: {"garbage":\n\n\u0000trailing bytes');
    if (step.type === 'giant-line') {
      await writer.write('data: ');
      await writer.writeFiller(step.bytes);
      await writer.write('\n\n');
    }
    if (step.type === 'event') {
      await writer.write(encoder.encode(step.event, next.done === true));
      if (step.event.kind === 'token') record.tokensSent++;
    }
  }
  await writer.end();
}

async function sendStatus(answer: FaultyAnswer, status: number): Promise<void> {
  const isText = typeof answer.directive.body === 'string';
  await sendBody(answer, status, statusBody(answer, status), isText ? 'text/html' : 'application/json');
}

function statusBody({ directive, request }: FaultyAnswer, status: number): string {
  const { body } = directive;
  const text =
    typeof body === 'string'
      ? body
      : JSON.stringify(
          body ?? {
            error: { message: `The fake upstream answers ${status}.`, type: 'fake_error', param: null, code: null },
          },
        );
  return text.replaceAll('{{authorization}}', request.headers.authorization ?? '');
}

/** Sends a body of known length; stall and cut act in its middle. */
async function sendBody(
  answer: FaultyAnswer,
  status: number,
  body: string | Uint8Array,
  contentType: string | null = 'application/json',
  more: OutgoingHttpHeaders = {},
): Promise<void> {
  const { response, directive, record } = answer;
  const bytes = Buffer.from(body);
  const writer = new FaultWriter(response, directive, record);
  const isWholeKnown = directive.gzip !== true && directive.br !== true;
  const length: OutgoingHttpHeaders = isWholeKnown && status !== 204 ? { 'content-length': bytes.length } : {};
  const type: OutgoingHttpHeaders = contentType === null ? {} : { 'content-type': contentType };
  writeHead(answer, status, { ...type, ...length, ...more });
  const isStalled = directive.stall_after !== undefined;
  if (isStalled || directive.cut_after !== undefined || directive.cut !== undefined) {
    await writer.write(bytes.subarray(0, Math.ceil(bytes.length / 2)));
    return isStalled ? writer.stall() : writer.cut();
  }
  if (bytes.length > 0) await writer.write(bytes);
  await writer.end();
}

async function sendHugeJson(answer: FaultyAnswer, status: number, byteCount: number): Promise<void> {
  const writer = new FaultWriter(answer.response, answer.directive, answer.record);
  const head =
    '{"id":"chatcmpl-huge","object":"chat.completion","created":1767000000,"model":"huge",' +
    '"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"';
  const tail = '"}}]}';
  writeHead(answer, status, { 'content-type': 'application/json' });
  await writer.write(head);
  await writer.writeFiller(byteCount - head.length - tail.length);
  await writer.write(tail);
  await writer.end();
}

/** A gzip body may consist of many members, so one small member repeated unpacks to any size at no cost here. */
async function sendBomb(answer: FaultyAnswer, status: number, byteCount: number): Promise<void> {
  const writer = new FaultWriter(answer.response, answer.directive, answer.record);
  const member = gzipSync(Buffer.alloc(Math.min(byteCount, BOMB_MEMBER_BYTES), ' '));
  writeHead(answer, status, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
  for (let sent = 0; sent < byteCount && !writer.gone.aborted; sent += BOMB_MEMBER_BYTES) await writer.write(member);
  await writer.end();
}

function writeHead(answer: FaultyAnswer, status: number, contentHeaders: OutgoingHttpHeaders): void {
  const { directive, response } = answer;
  const headers: OutgoingHttpHeaders = { ...answer.headers, ...contentHeaders };
  if (directive.gzip === true) headers['content-encoding'] = 'gzip';
  if (directive.br === true) headers['content-encoding'] = 'br';
  if (directive.encodings !== undefined)
    headers['content-encoding'] = Array(directive.encodings).fill('gzip').join(', ');
  if (directive.content_type !== undefined) headers['content-type'] = directive.content_type;
  if (directive.retry_after !== undefined) headers['retry-after'] = String(directive.retry_after);
  if (directive.header_bytes !== undefined) headers['x-big'] = 'x'.repeat(directive.header_bytes);
  for (let i = 0; i < (directive.header_count ?? 0); i++) headers[`x-many-${i}`] = 'x';
  response.writeHead(status, { ...headers, ...directive.headers });
  response.flushHeaders();
}
