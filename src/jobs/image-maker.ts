import { Inject, Injectable } from '@nestjs/common';
import type { CancelSignal } from '../common/cancellation.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { MediaSource } from '../media/media-source.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { TaskUsage } from '../providers/canonical/video.js';
import { headersOf, imagesPathOf } from '../providers/resolve-path.js';
import { UpstreamClient } from '../providers/transport/upstream-client.js';
import type { Candidate } from '../routing/candidate.js';
import { ChannelSender } from '../routing/channel-sender.js';
import { toWholeImages } from './check-image.js';
import type { JobExtras } from './check-video.js';
import type { Job } from './job.js';

/** What an upstream has made. */
export interface MadePictures {
  readonly pictures: readonly MediaSource[];
  readonly usage: TaskUsage;
}

/** Has pictures made by upstreams that make them while one waits. */
@Injectable()
export class ImageMaker {
  constructor(
    @Inject(ChannelSender) private readonly channels: ChannelSender,
    @Inject(UpstreamClient) private readonly client: UpstreamClient,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** @throws ProviderError when the upstream makes none, or nobody knows. */
  async make(
    { request: wanted, model }: Job,
    extras: JobExtras,
    candidate: Candidate,
    signal: CancelSignal,
  ): Promise<MadePictures> {
    const { provider, target, channel, origin, jsonHeaders } = candidate;
    const { images } = provider;
    if (images === undefined) throw new Error(`The provider "${provider.id}" makes no pictures.`);
    const request = toWholeImages(wanted, model, extras);
    const translated = images.toBody(request, target);
    const [dropped] = translated.droppedParams;
    if (dropped !== undefined) {
      throw new ProviderError({
        kind: 'unsupported_option',
        status: 400,
        param: dropped,
        message: `"${dropped}" is not supported by this model.`,
      });
    }
    const response = await this.channels.send(this.client, candidate, {
      method: 'POST',
      origin,
      path: imagesPathOf(images, translated, candidate),
      headers: headersOf(jsonHeaders.whole, translated),
      body: translated.body,
      allowPrivateNetwork: channel.allowPrivateNetwork,
      isOnce: true,
      signal,
    });
    const { status, headers } = response;
    const body = await response.body.collect(this.settings.upstream.bodyBytesMax);
    if (status < 200 || status > 299) throw provider.toError({ status, headers, body });
    const answer = images.fromBody(body, request, target);
    const pictures = answer.body.data.map(({ url, b64_json: base64 }): MediaSource => {
      if (base64 !== undefined) return { kind: 'bytes', bytes: Buffer.from(base64, 'base64') };
      if (url !== undefined) return { kind: 'url', url, allowPrivateNetwork: channel.allowPrivateNetwork };
      throw new ProviderError({ kind: 'invalid_response', status, message: 'A picture has neither a link nor bytes.' });
    });
    const { inputTokens, outputTokens } = answer.usage ?? {};
    return { pictures, usage: { inputTokens, outputTokens } };
  }
}
