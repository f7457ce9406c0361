import type { SimulatedVendor } from '../simulated-vendor.js';
import { authorizeKling } from './kling-auth.js';
import { klingCallback } from './kling-callback.js';
import { classicRoutes } from './kling-classic.js';
import { klingNotFound, klingRefusal } from './kling-errors.js';
import { imageRoutes } from './kling-images.js';
import { type TasksShape, threeRoutes } from './kling-three.js';

/**
 * Kling's task API with both of its dialects, `/v1/videos/*`, and `/text-to-video/*` with `/tasks`, and its pictures.
 * @param shape of `data` in `GET /tasks`: one note shows an object where three adapters read a list.
 */
export function simulatedKling(shape: TasksShape = 'list'): SimulatedVendor {
  return {
    id: 'kling',
    credential: 'ak-test:sk-test',
    routes: [...classicRoutes(), ...threeRoutes(shape), ...imageRoutes()],
    authorize: authorizeKling,
    refuse: klingRefusal,
    notFound: klingNotFound,
    toCallback: klingCallback,
  };
}
