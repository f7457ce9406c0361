import { HubError } from '../common/hub-error.js';

/** 503: a report took longer, or would read more, than reports may. */
export function reportTooSlow(cause?: unknown): HubError {
  return new HubError({
    status: 503,
    code: 'report_too_slow',
    message:
      'This report takes too long at the moment. Ask for a shorter time between "from" and "to", or add a filter.',
    shouldRetry: false,
    cause,
  });
}

/** 400: a CSV file is whole or not at all, and this one would have too many lines. */
export function csvTooLong(linesMax: number): HubError {
  return new HubError({
    status: 400,
    code: 'report_too_long',
    message: `As CSV a report has at most ${linesMax} lines, and this one has more. Ask for a shorter time between "from" and "to", add a filter, or page through it as JSON.`,
    param: 'format',
    shouldRetry: false,
  });
}
