import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { JobRouter } from '../jobs/job-router.js';
import type { VideoModel } from '../providers/canonical/video.js';
import { type ShownPrice, toShownPrice } from './to-shown-price.js';

/** What a model of videos can do, as callers see it. */
export interface VideoModelView {
  readonly id: string;
  readonly provider: string;
  /** Serves requests to this provider that name no model. */
  readonly isDefault: boolean;
  /** Whole seconds: each that is possible, or the least and the most. */
  readonly durations: VideoModel['durations'];
  readonly durationDefault: number;
  readonly resolutions: readonly string[];
  readonly resolutionDefault: string;
  /** Empty where it cannot be chosen. */
  readonly aspectRatios: readonly string[];
  readonly inputs: {
    readonly image: VideoModel['image'];
    readonly lastFrame: boolean;
    /** Ways to give a picture: `url`, `data` for data URIs. */
    readonly forms: readonly ('url' | 'data')[];
  };
  readonly audio: VideoModel['audio'];
  readonly audioDefault: boolean;
  readonly negativePrompt: boolean;
  readonly seed: boolean;
  readonly countMax: number;
  readonly promptCharsMax: number;
  /** Names that `providerOptions` may have. */
  readonly options: readonly string[];
  /** Null while the model has no price, and so cannot be used. */
  readonly price: ShownPrice | null;
}

/** The models of videos that a caller may use. */
@Injectable()
export class VideoModels {
  constructor(@Inject(JobRouter) private readonly router: JobRouter) {}

  /** One entry for each model and provider, by name. */
  list(caller: Caller): VideoModelView[] {
    return this.router
      .models(caller)
      .map(({ id, provider, isDefault, model, price }) => ({
        id,
        provider,
        isDefault,
        durations: model.durations,
        durationDefault: model.durationDefault,
        resolutions: model.resolutions,
        resolutionDefault: model.resolutionDefault,
        aspectRatios: model.aspectRatios,
        inputs: {
          image: model.image,
          lastFrame: model.hasLastFrame,
          forms: model.imageForms.map((form) => (form === 'bytes' ? 'data' : form)),
        },
        audio: model.audio,
        audioDefault: model.audioDefault,
        negativePrompt: model.hasNegativePrompt,
        seed: model.hasSeed,
        countMax: model.countMax,
        promptCharsMax: model.promptCharsMax,
        options: model.options,
        price: price === undefined ? null : toShownPrice(price, caller.multiplierMillionths),
      }))
      .sort((a, b) => compare(a.id, b.id) || compare(a.provider, b.provider));
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
