import { ProviderError } from '../../canonical/provider-error.js';
import type { TaskState } from '../../canonical/video.js';
import type { ImageTaskOperation } from '../../provider.js';
import type { WireObject } from '../openai-compatible/wire.js';
import { toHostedImageInputs } from '../tasks/hosted-image.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { falFailure } from './fal-failure.js';
import { falImageModelOf } from './fal-image-models.js';
import { FAL_TASKS, falFiles, falUrlOf, fromFalStatus, fromFalSubmit, toFalSubmit } from './fal-task.js';

/** Pictures of the models that fal hosts, by its queue as for videos. */
export const falImages: ImageTaskOperation = {
  ...FAL_TASKS,
  modelOf: (name) => falImageModelOf(name)?.image,
  toSubmit: (request, { upstreamModel }) => {
    const model = falImageModelOf(upstreamModel);
    if (model === undefined) {
      const message = `The hub knows no model of pictures "${upstreamModel}" at fal.`;
      throw new ProviderError({ kind: 'model_missing', message });
    }
    return toFalSubmit(upstreamModel, toHostedImageInputs(request, model.inputs), request.callbackUrl);
  },
  fromSubmit: (answer, _request, { upstreamModel }) => fromFalSubmit(answer, upstreamModel),
  fromStatus: (answer, ref) => fromFalStatus(answer, ref, stateOfPictures),
};

/** A picture that a model finds unsafe is handed out in black, and marked. */
function stateOfPictures(output: WireObject): TaskState {
  const files = falFiles(output, 'image', 'images');
  if (files.length === 0) throw unreadable('fal calls the request a success and gives no picture.');
  const marks: unknown = output['has_nsfw_concepts'];
  const isBlack = (i: number): boolean => Array.isArray(marks) && marks[i] === true;
  const outputs = files.map((file) => ({ url: falUrlOf(file) })).filter((_output, i) => !isBlack(i));
  return outputs.length === 0
    ? falFailure('content_policy_violation', 'The model found every picture unsafe.', 200)
    : { state: 'succeeded', outputs, usage: {} };
}
