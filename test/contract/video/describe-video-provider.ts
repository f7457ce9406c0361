import type { Provider } from '../../../src/providers/provider.js';
import { describeCallback } from './describe-callback.js';
import { describeModels } from './describe-models.js';
import { describeSimulated } from './describe-simulated.js';
import { describeStatus } from './describe-status.js';
import { describeSubmit } from './describe-submit.js';
import { describeVideoErrors } from './describe-video-errors.js';
import { videosOf } from './task-subject.js';
import { type VideoContract, videoFixturesOf } from './video-contract.js';

/** The promises that every provider of videos keeps, checked against its recordings and its simulator. */
export function describeVideoProvider(provider: Provider, contract: VideoContract): void {
  const fixtures = videoFixturesOf(provider.id);
  describe(`videos of ${provider.id}`, () => {
    describeModels(provider, contract, fixtures);
    const videos = videosOf(provider);
    describeSubmit(videos, contract, fixtures);
    describeStatus(videos, contract, fixtures);
    describeVideoErrors(videos, contract, fixtures);
    describeSimulated(videos, contract);
    describeCallback(videos, contract);
  });
}
