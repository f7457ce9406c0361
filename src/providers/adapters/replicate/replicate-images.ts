import { ProviderError } from '../../canonical/provider-error.js';
import type { ImageTaskOperation } from '../../provider.js';
import { toHostedImageInputs } from '../tasks/hosted-image.js';
import { replicateImageModelOf } from './replicate-image-models.js';
import { REPLICATE_LOOKUP } from './replicate-lookup.js';
import { fromReplicateSubmit, REPLICATE_TASKS, toReplicateSubmit } from './replicate-task.js';

/** Pictures of the models that Replicate hosts, by predictions as for videos. */
export const replicateImages: ImageTaskOperation = {
  ...REPLICATE_TASKS,
  modelOf: (name) => replicateImageModelOf(name)?.image,
  toSubmit: (request, { upstreamModel }) => {
    const model = replicateImageModelOf(upstreamModel);
    if (model === undefined) {
      const message = `The hub knows no model of pictures "${upstreamModel}" at Replicate.`;
      throw new ProviderError({ kind: 'model_missing', message });
    }
    return toReplicateSubmit(upstreamModel, toHostedImageInputs(request, model.inputs), request.callbackUrl);
  },
  fromSubmit: fromReplicateSubmit,
  lookup: REPLICATE_LOOKUP,
};
