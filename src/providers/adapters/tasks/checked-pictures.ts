import { type ImageTaskModel, type ImageTaskRequest, refusalOfImageTask } from '../../canonical/image-task.js';
import type { ImagesRequest } from '../../canonical/images.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { toImageTask } from '../../canonical/to-image-task.js';

/**
 * An images/generations request in the hub's own words, all of which the model honours; for vendors whose pictures come at once and whose
 * format is not OpenAI's.
 * @param model undefined for one that makes no pictures.
 * @throws ProviderError `unsupported_option` that names what the model cannot do; `invalid_request` for a member of a wrong type.
 */
export function checkedPictures(request: ImagesRequest, model: ImageTaskModel | undefined): ImageTaskRequest {
  if (model === undefined) {
    const message = 'This model makes no pictures.';
    throw new ProviderError({ kind: 'unsupported_option', param: 'model', message });
  }
  const wanted = toImageTask(request, { externalId: '' });
  const refusal = refusalOfImageTask(wanted, model);
  if (refusal !== undefined) throw new ProviderError({ kind: 'unsupported_option', ...refusal });
  return wanted;
}
