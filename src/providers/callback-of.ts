import type { Provider, TaskApi } from './provider.js';

/** The callbacks that a provider signs, the same for all of its tasks; undefined when it signs none. */
export function callbackOf({ video, imageTasks }: Provider): TaskApi['callback'] {
  return video?.callback ?? imageTasks?.callback;
}
