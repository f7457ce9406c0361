import type { TaskRef } from '../../canonical/video.js';
import type { VideoOperation } from '../../provider.js';
import { klingAuth } from './kling-auth.js';
import { klingCallback } from './kling-callback.js';
import {
  classicPath,
  fromClassicLookup,
  fromClassicStatus,
  fromClassicSubmit,
  toClassicLookup,
  toClassicSubmit,
} from './kling-classic.js';
import { isDefiniteKlingError, KLING_ERRORS } from './kling-errors.js';
import { type KlingModel, klingModelOf } from './kling-models.js';
import {
  fromThreeLookup,
  fromThreeStatus,
  fromThreeSubmit,
  toThreeLookup,
  toThreeStatus,
  toThreeSubmit,
} from './kling-three.js';

/** A backlog at Kling (5002) may hold a task back for a while before it can be found. */
const LOOKUP_SETTLE_MS = 120_000;

/**
 * Videos by Kling. A reference is `{ path, id }` for a task of `/v1/videos/*`, which is bound to the path it was made by, and
 * `{ id }` for one of the 3.x API. Tasks cannot be called off.
 */
export const klingVideo: VideoOperation = {
  defaultModel: 'kling-v2-6',
  modelOf: (name) => klingModelOf(name)?.video,
  auth: klingAuth,
  // Files are kept for 30 days.
  linksLastHours: 720,
  errors: KLING_ERRORS,
  isDefinite: isDefiniteKlingError,
  toSubmit: (request, { upstreamModel }) => {
    const model = known(upstreamModel);
    return isThree(model)
      ? toThreeSubmit(request, upstreamModel, model)
      : toClassicSubmit(request, upstreamModel, model);
  },
  fromSubmit: (answer, request, { upstreamModel }) =>
    isThree(known(upstreamModel))
      ? fromThreeSubmit(answer)
      : fromClassicSubmit(answer, classicPath(request, upstreamModel)),
  toStatus: (ref) => {
    const { path, id } = readRef(ref);
    return path === undefined ? toThreeStatus(id) : { method: 'GET', path: `${path}/${encodeURIComponent(id)}` };
  },
  fromStatus: (answer, ref) => {
    const { path, id } = readRef(ref);
    return path === undefined ? fromThreeStatus(answer, id) : fromClassicStatus(answer);
  },
  lookup: {
    toCall: (lost, { upstreamModel }) =>
      isThree(known(upstreamModel)) ? toThreeLookup(lost) : toClassicLookup(lost, upstreamModel),
    fromAnswer: (answer, { request }, _isKnown, { upstreamModel }) =>
      isThree(known(upstreamModel))
        ? fromThreeLookup(answer, request.externalId)
        : fromClassicLookup(answer, request.externalId, classicPath(request, upstreamModel)),
    settleMs: LOOKUP_SETTLE_MS,
  },
  callback: klingCallback,
};

function isThree({ api }: KlingModel): boolean {
  return api === 'three' || api === 'three-omni';
}

/** @throws Error for a model that was never offered. */
function known(name: string): KlingModel {
  const model = klingModelOf(name);
  if (model === undefined) throw new Error(`Kling has no video model "${name}".`);
  return model;
}

/** @throws Error for a reference that this adapter did not make. */
function readRef({ path, id }: TaskRef): { readonly path: string | undefined; readonly id: string } {
  const isPath = path === undefined || (typeof path === 'string' && path.startsWith('/v1/videos/'));
  if (typeof id !== 'string' || !isPath) throw new Error('This is no reference of a task at Kling.');
  return { path, id };
}
