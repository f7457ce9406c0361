import { JsonSource } from '../../../src/common/json-source.js';
import type { ImageTaskModel, ImageTaskRequest } from '../../../src/providers/canonical/image-task.js';
import type { ImagesRequest } from '../../../src/providers/canonical/images.js';
import type { Provider } from '../../../src/providers/provider.js';
import { deepFreeze } from '../deep-freeze.js';
import type { TaskSubject } from '../video/task-subject.js';
import { EXTERNAL_ID } from '../video/video-request.js';

const PNG_SIGNATURE = '89504e470d0a1a0a';

/** @throws Error when the provider does not know the model. */
export function imageModelOf({ id, imageTasks }: Provider, model: string): ImageTaskModel {
  const found = imageTasks?.modelOf(model);
  if (found === undefined) throw new Error(`${id} makes no pictures as tasks with ${model}.`);
  return found;
}

/** The pictures that a provider makes as tasks. @throws Error when it makes none. */
export function imageTasksOf(provider: Provider): TaskSubject<ImageTaskRequest> {
  const { imageTasks: operation } = provider;
  if (operation === undefined) throw new Error(`${provider.id} makes no pictures as tasks.`);
  return {
    provider,
    operation,
    requestFor: (model, wanted) => imageTaskFor(provider, model, wanted),
    isResult: (file) => file.toString('hex', 0, 8) === PNG_SIGNATURE,
  };
}

/** A request for a model, with the pictures that it cannot do without. Frozen all the way down. */
function imageTaskFor(provider: Provider, model: string, wanted: Partial<ImageTaskRequest> = {}): ImageTaskRequest {
  const { imagesMin = 0, imageForms } = imageModelOf(provider, model);
  const picture = imageForms.includes('url')
    ? ({ kind: 'url', url: 'https://pictures.example/first.png' } as const)
    : ({ kind: 'bytes', contentType: 'image/png', base64: 'iVBORw0KGgo=' } as const);
  return deepFreeze({
    prompt: 'A cat plays the piano.',
    count: 1,
    images: Array.from({ length: imagesMin }, () => picture),
    options: {},
    externalId: EXTERNAL_ID,
    ...wanted,
  });
}

/** An images/generations request as the relay hands it over, frozen. @param asked members of the caller's body. */
export function imagesRequestOf(asked: Readonly<Record<string, unknown>>): ImagesRequest {
  const body = { model: 'public-1', prompt: 'A cat plays the piano.', ...asked };
  const source = JsonSource.parse(Buffer.from(JSON.stringify(body)));
  deepFreeze(source.value);
  const { n, response_format: format } = asked;
  return {
    source,
    model: 'public-1',
    count: typeof n === 'number' ? n : 1,
    responseFormat: format === 'url' || format === 'b64_json' ? format : undefined,
    isStream: asked['stream'] === true,
  };
}
