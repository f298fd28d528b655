import { RevragUnavailableError } from '../errors/revrag-unavailable.error.js';
import type { Outcome } from './outcome.js';

/** The response to the sender. */
export interface Answer {
  readonly statusCode: number;
  /** Seconds, for the header Retry-After. */
  readonly retryAfter?: number;
  readonly body: object;
}

/** Maps outcomes to HTTP, in one table. */
export function toAnswer(outcome: Outcome): Answer {
  switch (outcome.status) {
    case 'processed':
    case 'duplicate':
    case 'ignored':
    case 'abandoned':
      return { statusCode: 200, body: { status: outcome.status, id: outcome.id } };
    case 'queued':
      return { statusCode: 202, body: { status: outcome.status, id: outcome.id } };
    case 'in_progress':
      return {
        ...problem(409, 'in_progress', 'This delivery is being processed. Send it again later.'),
        retryAfter: outcome.retryAfter,
      };
    case 'failed':
      return problem(
        500,
        'handler_failed',
        'A handler failed. A redelivery runs the handlers that have not finished.',
      );
    case 'refused': {
      const { error } = outcome;
      const retryAfter = error instanceof RevragUnavailableError ? error.retryAfter : undefined;
      return { statusCode: error.getStatus(), body: error.getResponse() as object, retryAfter };
    }
    default:
      return outcome satisfies never;
  }
}

/** The answer to an unexpected error, which is in the log. */
export const internalError = (): Answer =>
  problem(500, 'internal_error', 'The delivery could not be processed.');

function problem(statusCode: number, code: string, message: string): Answer {
  return { statusCode, body: { statusCode, code, message } };
}
