import { Logger } from '@nestjs/common';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { HubError } from '../../common/hub-error.js';
import { toHubError } from '../../common/to-hub-error.js';
import { isStatementTimeout, sqlState } from '../../database/database-error.js';
import { reportTooSlow } from './graphql.errors.js';

const logger = new Logger('Admin');
/** How GraphQL ends an error about a name that is none. */
const SUGGESTION = / ?Did you mean .+\?$/s;

/** SQLSTATE of a lock that was not to be had within the time that the admin's connections wait. */
const LOCK_NOT_AVAILABLE = '55P03';
const RETRY_AFTER_SECONDS = 2;

/** Somebody else holds what this needs, for longer than a moment: another change, or a rebuild of the sums of usage. */
function busy(cause: unknown): HubError {
  return new HubError({
    status: 503,
    code: 'busy',
    message:
      'What this needs is being changed by something else at the moment. Nothing was changed; try again shortly.',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause,
  });
}

/**
 * What callers see of an error: the code and text of a {@link HubError}; of anything else that it happened, and under which
 * request id the log tells more. Never a stack, SQL or a name of a library.
 *
 * @param requestId of the request, which the log has too.
 * @param isSchemaTold GraphQL may guess at the name that was meant.
 */
export function presentGraphqlError(thrown: unknown, requestId: string, isSchemaTold = true): GraphQLFormattedError {
  const shown = thrown instanceof GraphQLError ? thrown : undefined;
  const place = shown && {
    ...(shown.locations && { locations: shown.locations }),
    ...(shown.path && { path: shown.path }),
  };
  const cause = shown === undefined ? thrown : shown.originalError;
  // Errors in the document itself, which GraphQL words; they have no other cause.
  if (shown !== undefined && (cause === undefined || cause instanceof GraphQLError)) {
    const { code } = shown.extensions;
    const name = typeof code === 'string' ? code.toLowerCase() : 'graphql_validation_failed';
    const message = isSchemaTold ? shown.message : shown.message.replace(SUGGESTION, '');
    return { message, ...place, extensions: { code: name, requestId } };
  }
  const error = publicFaceOf(cause);
  if (error.status >= 500) logger.error(`${requestId} ${error.detail ?? error.message}`, stackOf(error));
  const { code, status, param, retryAfterSeconds } = error;
  return {
    message: error.message,
    ...place,
    extensions: {
      code,
      status,
      ...(param !== undefined && { param }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      requestId,
    },
  };
}

function publicFaceOf(cause: unknown): HubError {
  if (isStatementTimeout(cause)) return reportTooSlow(cause);
  return sqlState(cause) === LOCK_NOT_AVAILABLE ? busy(cause) : toHubError(cause);
}

function stackOf(error: HubError): string | undefined {
  return error.cause instanceof Error ? error.cause.stack : error.stack;
}
