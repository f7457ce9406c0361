import type { Provider } from '../../../src/providers/provider.js';
import { describeCallback } from '../video/describe-callback.js';
import { describeSimulated } from '../video/describe-simulated.js';
import { describeStatus } from '../video/describe-status.js';
import { describeSubmit } from '../video/describe-submit.js';
import { describeVideoErrors } from '../video/describe-video-errors.js';
import { taskFixturesOf, type VideoContract } from '../video/video-contract.js';
import { describeImageModels } from './describe-image-models.js';
import { imageTasksOf } from './image-request.js';
import type { ImageTaskFixtures } from './images-contract.js';

/** The promises that every provider keeps that makes pictures as tasks: those of videos, and that every option is named. */
export function describeImageTasks(provider: Provider, contract: VideoContract): void {
  const fixtures: ImageTaskFixtures = taskFixturesOf(provider.id, 'image-tasks');
  describe(`pictures of ${provider.id} as tasks`, () => {
    const pictures = imageTasksOf(provider);
    describeImageModels(provider, contract, fixtures);
    describeSubmit(pictures, contract, fixtures);
    describeStatus(pictures, contract, fixtures);
    describeVideoErrors(pictures, contract, fixtures);
    describeSimulated(pictures, contract);
    describeCallback(pictures, contract);
  });
}
