import type { VideoOperation } from '../../provider.js';
import { ARK_VIDEO_ERRORS } from './ark-errors.js';
import { ARK_GENERIC_MODEL, arkModelOf } from './ark-models.js';
import { arkTokensOf } from './ark-tokens.js';
import { checkArkAnswer, fromArkStatus, fromArkSubmit } from './ark-video-answer.js';
import { fromArkLookup, toArkLookup } from './ark-video-lookup.js';
import { TASKS_PATH, toArkSubmit } from './ark-video-request.js';

const taskPath = (id: unknown): string => `${TASKS_PATH}/${encodeURIComponent(String(id))}`;

/**
 * Seedance on Volcengine Ark and BytePlus ModelArk, https://www.volcengine.com/docs/82379/1520757. Its callbacks are not signed, so
 * they are not taken.
 */
export const arkVideo: VideoOperation = {
  defaultModel: 'doubao-seedance-2-0-260128',
  errors: ARK_VIDEO_ERRORS,
  linksLastHours: 24,
  modelOf: arkModelOf,
  genericModel: ARK_GENERIC_MODEL,
  toSubmit: toArkSubmit,
  fromSubmit: fromArkSubmit,
  toStatus: (ref) => ({ method: 'GET', path: taskPath(ref['id']) }),
  fromStatus: fromArkStatus,
  lookup: { toCall: toArkLookup, fromAnswer: fromArkLookup },
  cancel: {
    // Of a task that is over, the same call destroys the record.
    states: ['queued'],
    toCall: (ref) => ({ method: 'DELETE', path: taskPath(ref['id']) }),
    fromAnswer: checkArkAnswer,
  },
  tokensOf: arkTokensOf,
};
