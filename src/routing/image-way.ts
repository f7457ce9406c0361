import type { ImageTaskModel } from '../providers/canonical/image-task.js';
import type { ImagesOperation, ImageTaskOperation } from '../providers/provider.js';
import type { Candidate } from './candidate.js';

/** How a candidate makes pictures: as a task that is asked after, or at once. */
export type ImageWay =
  | { readonly kind: 'task'; readonly operation: ImageTaskOperation; readonly model: ImageTaskModel }
  | { readonly kind: 'whole'; readonly operation: ImagesOperation };

/** The way of a candidate's upstream model, where its provider has both; undefined when it makes no pictures. */
export function imageWayOf({ provider, target }: Pick<Candidate, 'provider' | 'target'>): ImageWay | undefined {
  const { imageTasks, images } = provider;
  const model = imageTasks?.modelOf(target.upstreamModel);
  if (imageTasks !== undefined && model !== undefined) return { kind: 'task', operation: imageTasks, model };
  return images === undefined ? undefined : { kind: 'whole', operation: images };
}
