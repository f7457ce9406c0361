import { Inject, Injectable } from '@nestjs/common';
import { FileStore } from '../files/file-store.js';
import type { ImageItem, ImagesAnswer } from '../providers/canonical/images.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { UpstreamClient } from '../providers/transport/upstream-client.js';
import type { Candidate } from '../routing/candidate.js';
import { imageWayOf } from '../routing/image-way.js';
import { toCallerError } from '../routing/to-caller-error.js';
import type { RelayRun } from './relay-run.js';

type Fetch = (url: string) => Promise<Buffer>;

const IMAGE_BYTES_MAX = 32 * 1024 * 1024;
// Of all pictures of one answer, which are in memory together.
const IMAGES_BYTES_MAX = 64 * 1024 * 1024;
const LINK_HOURS_MIN = 1;
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
   * @param wanted undefined leaves each picture as it came, except that links of a channel in a private network, where no
   * caller can follow them, and those that last only minutes become the hub's own.
   * @throws HubError 502 when a picture cannot be fetched: it is made and paid for, so no other channel makes it again.
   */
  async apply(
    run: RelayRun,
    candidate: Candidate,
    answer: ImagesAnswer,
    wanted: 'url' | 'b64_json' | undefined,
  ): Promise<ImagesAnswer> {
    const mustKeep = candidate.channel.allowPrivateNetwork || isFleeting(candidate);
    if (wanted === undefined && !mustKeep) return answer;
    const fetch = this.fetchWithin(IMAGES_BYTES_MAX, run, candidate);
    const data: ImageItem[] = [];
    for (const item of answer.body.data) {
      if (wanted === 'b64_json') data.push(await toBase64(fetch, item));
      else if (item.url === undefined ? wanted === 'url' : mustKeep) {
        data.push(await this.toOwnUrl(fetch, item));
      } else data.push(item);
    }
    return { ...answer, body: { ...answer.body, data } };
  }

  private async toOwnUrl(fetch: Fetch, item: ImageItem): Promise<ImageItem> {
    const { b64_json: encoded, url, ...rest } = item;
    const bytes = encoded === undefined ? await fetch(url ?? '') : Buffer.from(encoded, 'base64');
    return { ...rest, url: await this.files.put({ contentType: contentTypeOf(bytes), bytes }) };
  }

  /** Fetches the pictures of one answer, all of them together within a limit. */
  private fetchWithin(bytesMax: number, run: RelayRun, candidate: Candidate): Fetch {
    let bytesLeft = bytesMax;
    return async (url) => {
      try {
        const bytes = await this.fetch(run, candidate, url, Math.min(IMAGE_BYTES_MAX, bytesLeft));
        bytesLeft -= bytes.length;
        return bytes;
      } catch (error) {
        if (!(error instanceof ProviderError) || run.signal.aborted) throw error;
        throw toCallerError(unusable(`A generated picture cannot be fetched: ${error.message}`), candidate.secrets);
      }
    };
  }

  /**
   * Fetches a picture from where the upstream says it is, without credentials. Guarded like every other address, and in
   * private networks only at the channel's own address.
   */
  private async fetch(run: RelayRun, candidate: Candidate, text: string, bytesMax: number): Promise<Buffer> {
    if (!URL.canParse(text)) throw unusable('its link is not a URL');
    const url = new URL(text);
    if (url.protocol === 'data:') return Buffer.from(text.slice(text.indexOf(',') + 1), 'base64');
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw unusable('its link is not http');
    const response = await this.client.send({
      method: 'GET',
      origin: url.origin,
      path: url.pathname + url.search,
      headers: { accept: 'image/*', 'accept-encoding': 'identity', 'user-agent': 'ug-ai-hub' },
      allowPrivateNetwork: candidate.channel.allowPrivateNetwork && url.origin === candidate.origin,
      signal: run.signal,
    });
    if (response.status !== 200) {
      response.body.abort(new Error('not wanted'));
      throw unusable(`its link answered ${response.status}`);
    }
    return await response.body.collect(bytesMax);
  }
}

/** Whether the links of a candidate's vendor end while its caller may still want them: OpenAI's last for an hour. */
function isFleeting(candidate: Candidate): boolean {
  const way = imageWayOf(candidate);
  return way?.kind === 'task' && (way.operation.linksLastHours ?? LINK_HOURS_MIN) < LINK_HOURS_MIN;
}

async function toBase64(fetch: Fetch, item: ImageItem): Promise<ImageItem> {
  const { url, ...rest } = item;
  if (item.b64_json !== undefined || url === undefined) return rest;
  return { ...rest, b64_json: (await fetch(url)).toString('base64') };
}

function unusable(message: string): ProviderError {
  return new ProviderError({ kind: 'invalid_response', message });
}

function contentTypeOf(bytes: Buffer): string {
  const head = bytes.subarray(0, 4).toString('hex');
  return SIGNATURES.find(([, prefix]) => head.startsWith(prefix))?.[0] ?? 'application/octet-stream';
}
