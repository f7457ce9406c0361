import { HubError, invalidRequest } from '../common/hub-error.js';

/** 400: without another filter this would read more than a page or a figure may. */
export function filterRequired(param: string, message: string): HubError {
  return invalidRequest(message, param, 'filter_required');
}

/** 400: more days than can be summed up with these filters. */
export function rangeTooLong(daysMax: number, why: string): HubError {
  return invalidRequest(
    `There may be at most ${daysMax} days between "from" and "to" ${why}. Ask for a shorter time.`,
    'from',
    'range_too_long',
  );
}
