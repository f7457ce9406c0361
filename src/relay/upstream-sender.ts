import { Inject, Injectable } from '@nestjs/common';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { ImagesOperation, OperationPath, UpstreamBody as TranslatedBody } from '../providers/provider.js';
import { headersOf, imagesPathOf, resolvePath } from '../providers/resolve-path.js';
import { UpstreamClient, type UpstreamResponse } from '../providers/transport/upstream-client.js';
import type { Candidate } from '../routing/candidate.js';
import { ChannelSender } from '../routing/channel-sender.js';
import type { ReplayableBody } from '../upload/replayable-body.js';
import type { Attempt } from './attempt.js';
import { droppedInOwnWords } from './formats/own-words.js';
import type { RelayRun } from './relay-run.js';

const ERROR_BODY_BYTES_MAX = 64 * 1024;
const ERROR_BODY_MS = 3000;

/** Sends one attempt: joins the credential, checks the status, turns error answers into ProviderErrors. */
@Injectable()
export class UpstreamSender {
  constructor(
    @Inject(ChannelSender) private readonly channels: ChannelSender,
    @Inject(UpstreamClient) private readonly client: UpstreamClient,
  ) {}

  /** Posts a translated body, JSON or what else it says it is. Resolves with the head of a 2xx answer. */
  postJson(run: RelayRun, attempt: Attempt, path: OperationPath, body: TranslatedBody): Promise<UpstreamResponse> {
    const where = resolvePath(body.path ?? path, attempt.candidate, body.isStream);
    return this.post(run, attempt, where, body);
  }

  /** The same for pictures. */
  postImages(
    run: RelayRun,
    attempt: Attempt,
    images: ImagesOperation,
    body: TranslatedBody,
  ): Promise<UpstreamResponse> {
    return this.post(run, attempt, imagesPathOf(images, body, attempt.candidate), body);
  }

  private post(run: RelayRun, attempt: Attempt, where: string, body: TranslatedBody): Promise<UpstreamResponse> {
    const { candidate } = attempt;
    const { wording } = run.context;
    const isOwn = wording === undefined || body.isOriginal === true;
    const dropped = isOwn ? body.droppedParams : droppedInOwnWords(body.droppedParams, wording);
    if (dropped.length > 0) run.headers['x-hub-unsupported-params'] = toHeader(dropped);
    const common = body.isStream ? candidate.jsonHeaders.stream : candidate.jsonHeaders.whole;
    return this.send(run, attempt, where, headersOf(common, body), body.body);
  }

  /**
   * Posts an upload. Resolves with the head of a 2xx answer.
   * @param droppedParams what was left out of it, for the caller to know.
   */
  postUpload(
    run: RelayRun,
    attempt: Attempt,
    path: OperationPath,
    body: ReplayableBody,
    droppedParams: readonly string[] = [],
  ): Promise<UpstreamResponse> {
    const { candidate } = attempt;
    if (droppedParams.length > 0) run.headers['x-hub-unsupported-params'] = toHeader(droppedParams);
    const headers = {
      ...candidate.headers,
      'content-type': body.contentType,
      'content-length': String(body.contentLength),
      accept: 'application/json, text/event-stream',
    };
    return this.send(run, attempt, resolvePath(path, candidate, false), headers, () => body.open());
  }

  private async send(
    run: RelayRun,
    attempt: Attempt,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | (() => AsyncIterable<Uint8Array>),
  ): Promise<UpstreamResponse> {
    const { candidate, observerHeaders } = attempt;
    const response = await this.channels.send(this.client, candidate, {
      method: 'POST',
      origin: candidate.origin,
      path,
      headers: observerHeaders === undefined ? headers : { ...headers, ...observerHeaders },
      body,
      deadlines: attempt.deadlines,
      allowPrivateNetwork: candidate.channel.allowPrivateNetwork,
      signal: run.signal,
    });
    if (response.status < 200 || response.status > 299) throw await this.toError(candidate, response);
    run.bill.noteAccepted();
    attempt.noteHead(response.status, response.body);
    checkEncoding(response);
    for (const name of candidate.passedHeaders) {
      const value = response.headers[name];
      if (value !== undefined && /^[\x20-\x7e]{0,256}$/.test(value)) run.headers[name] = value;
    }
    return response;
  }

  private async toError(candidate: Candidate, response: UpstreamResponse): Promise<ProviderError> {
    const { status, headers } = response;
    if (status < 400) {
      response.body.abort(new Error('redirect'));
      return new ProviderError({ kind: 'invalid_response', status, message: `The upstream answered ${status}.` });
    }
    let body: Buffer;
    const timer = setTimeout(() => response.body.abort(new Error('The error answer is too slow.')), ERROR_BODY_MS);
    try {
      checkEncoding(response);
      body = await response.body.collect(ERROR_BODY_BYTES_MAX);
    } catch {
      // The status alone says enough.
      body = Buffer.alloc(0);
    } finally {
      clearTimeout(timer);
    }
    return candidate.provider.toError({ status, headers, body });
  }
}

/** Names come from the caller and may be anything; what a header cannot carry is left out, and a long list is cut. */
function toHeader(names: readonly string[]): string {
  const shown = names.filter((name) => /^[\w.[\]-]{1,64}$/.test(name)).slice(0, 32);
  return shown.length === names.length ? shown.join(', ') : [...shown, '...'].join(', ');
}

/** `identity` was asked for; anything else would have to be decoded without knowing how large it becomes. */
function checkEncoding(response: UpstreamResponse): void {
  const encoding = response.headers['content-encoding'];
  if (encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity') return;
  const error = new ProviderError({
    kind: 'invalid_response',
    status: response.status,
    message: 'The upstream sent a compressed body although none was asked for.',
  });
  response.body.abort(error);
  throw error;
}
