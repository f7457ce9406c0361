import { minimaxV1 } from './minimax-v1.js';
import { minimaxV2 } from './minimax-v2.js';
import type { SimulatedRequest, SimulatedVendor } from './simulated-vendor.js';
import type { SimulatedTask } from './task-table.js';

const ofPath = ({ path }: SimulatedRequest) => (path.startsWith('/v2/') ? minimaxV2 : minimaxV1);
const ofTask = ({ family }: SimulatedTask) => (family === 'v2' ? minimaxV2 : minimaxV1);

/** Both APIs of MiniMax at one address, as it has them; base URL `<url>/v1`, which is what its chat has. */
export const minimaxSimulator: SimulatedVendor = {
  id: 'minimax',
  credential: minimaxV1.credential,
  routes: [...minimaxV1.routes, ...minimaxV2.routes],
  authorize: (request, world) => ofPath(request).authorize(request, world),
  refuse: (refusal, call, request) => ofPath(request).refuse(refusal, call, request),
  notFound: (request) => ofPath(request).notFound(request),
  toChallenge: (_task, world) => `challenge-${world.nextNumber()}`,
  toCallback: (task, world, secret) => ofTask(task).toCallback(task, world, secret),
};
