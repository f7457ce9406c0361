import { Inject, Injectable } from '@nestjs/common';
import { FileStore } from '../files/file-store.js';
import type { ImageItem, ImagesAnswer } from '../providers/canonical/images.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { UpstreamClient } from '../providers/transport/upstream-client.js';
import type { Candidate } from './candidate.js';
import type { RelayRun } from './relay-run.js';

const IMAGE_BYTES_MAX = 32 * 1024 * 1024;
const SIGNATURES: readonly (readonly [contentType: string, prefix: string])[] = [
  ['image/png', '89504e47'],
  ['image/jpeg', 'ffd8ff'],
  ['image/gif', '474946'],
  ['image/webp', '52494646'],
];

/** Gives each picture the form the caller asked for, whatever form the upstream delivers. */
@Injectable()
export class ImageFormat {
  constructor(
    @Inject(UpstreamClient) private readonly client: UpstreamClient,
    @Inject(FileStore) private readonly files: FileStore,
  ) {}

  /**
   * @param wanted undefined leaves each picture as it came.
   * @throws ProviderError when a picture cannot be fetched.
   */
  async apply(
    run: RelayRun,
    candidate: Candidate,
    answer: ImagesAnswer,
    wanted: 'url' | 'b64_json' | undefined,
  ): Promise<ImagesAnswer> {
    if (wanted === undefined) return answer;
    const convert = wanted === 'url' ? this.toUrl.bind(this) : this.toBase64.bind(this, run, candidate);
    return { ...answer, body: { ...answer.body, data: await Promise.all(answer.body.data.map(convert)) } };
  }

  private async toUrl(item: ImageItem): Promise<ImageItem> {
    const { b64_json: encoded, ...rest } = item;
    if (item.url !== undefined || encoded === undefined) return item;
    const bytes = Buffer.from(encoded, 'base64');
    return { ...rest, url: await this.files.put({ contentType: contentTypeOf(bytes), bytes }) };
  }

  private async toBase64(run: RelayRun, candidate: Candidate, item: ImageItem): Promise<ImageItem> {
    const { url, ...rest } = item;
    if (item.b64_json !== undefined || url === undefined) return item;
    return { ...rest, b64_json: (await this.fetch(run, candidate, url)).toString('base64') };
  }

  /** Fetches a picture from where the upstream says it is: guarded like every other address, and without credentials. */
  private async fetch(run: RelayRun, candidate: Candidate, text: string): Promise<Buffer> {
    if (!URL.canParse(text)) throw notFetched('its link is not a URL');
    const url = new URL(text);
    if (url.protocol === 'data:') return Buffer.from(text.slice(text.indexOf(',') + 1), 'base64');
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw notFetched('its link is not http');
    const response = await this.client.send({
      method: 'GET',
      origin: url.origin,
      path: url.pathname + url.search,
      headers: { accept: 'image/*', 'accept-encoding': 'identity', 'user-agent': 'ug-ai-hub' },
      allowPrivateNetwork: candidate.channel.allowPrivateNetwork,
      signal: run.signal,
    });
    if (response.status !== 200) {
      response.body.abort(new Error('not wanted'));
      throw notFetched(`its link answered ${response.status}`);
    }
    return await response.body.collect(IMAGE_BYTES_MAX);
  }
}

function notFetched(why: string): ProviderError {
  return new ProviderError({ kind: 'invalid_response', message: `A generated picture cannot be fetched: ${why}.` });
}

function contentTypeOf(bytes: Buffer): string {
  const head = bytes.subarray(0, 4).toString('hex');
  return SIGNATURES.find(([, prefix]) => head.startsWith(prefix))?.[0] ?? 'application/octet-stream';
}
