import type { VideoOperation } from '../../provider.js';
import { toHostedInputs } from '../tasks/hosted-model.js';
import { REPLICATE_LOOKUP } from './replicate-lookup.js';
import { REPLICATE_GENERIC_MODEL, replicateInputsOf, replicateModelOf } from './replicate-models.js';
import { fromReplicateSubmit, REPLICATE_TASKS, toReplicateSubmit } from './replicate-task.js';

/** Videos of the models that Replicate hosts: https://replicate.com/docs/topics/predictions. */
export const replicateVideo: VideoOperation = {
  ...REPLICATE_TASKS,
  defaultModel: 'kwaivgi/kling-v2.5-turbo-pro',
  modelOf: (name) => replicateModelOf(name)?.video,
  genericModel: REPLICATE_GENERIC_MODEL,
  note:
    'A model is `owner/name`; one that is not official has its version as well, `owner/name:version`. One that is not in the table is declared with ' +
    '`models[].video`, is given `prompt`, `image`, `aspect_ratio`, `duration` (as a number) and `resolution`, and takes what else it has as ' +
    '`providerOptions` that `options` lists. The secret of callbacks is what `GET /webhooks/default/secret` tells.',
  toSubmit: (request, { upstreamModel }) =>
    toReplicateSubmit(upstreamModel, toHostedInputs(request, replicateInputsOf(upstreamModel)), request.callbackUrl),
  fromSubmit: fromReplicateSubmit,
  lookup: REPLICATE_LOOKUP,
};
