import type { ApiResponseOptions } from '@nestjs/swagger';
import type { Outcome } from '../core/delivery/outcome.js';
import type { RevragBodyErrorCode } from '../core/errors/revrag-body.error.js';
import type { RevragPayloadErrorCode } from '../core/errors/revrag-payload.error.js';
import type { RevragSignatureErrorCode } from '../core/errors/revrag-signature.error.js';
import type { RevragUnavailableErrorCode } from '../core/errors/revrag-unavailable.error.js';

/** Each `status` of an accepted delivery's answer. A new one that is missing here does not compile. */
const ACCEPTED: Readonly<
  Record<Exclude<Outcome['status'], 'refused' | 'failed' | 'in_progress'>, number>
> = {
  processed: 200,
  duplicate: 200,
  ignored: 200,
  abandoned: 200,
  queued: 202,
};

/** Each `code` of a rejected delivery's answer. A new one that is missing here does not compile. */
const REFUSED: Readonly<
  Record<
    | RevragBodyErrorCode
    | RevragPayloadErrorCode
    | RevragSignatureErrorCode
    | RevragUnavailableErrorCode
    | 'not_accepted'
    | 'unknown_endpoint'
    | 'handler_failed'
    | 'in_progress'
    | 'internal_error',
    number
  >
> = {
  malformed_json: 400,
  invalid_payload: 400,
  missing_header: 401,
  malformed_header: 401,
  timestamp_out_of_tolerance: 401,
  signature_mismatch: 401,
  not_accepted: 403,
  unknown_endpoint: 404,
  body_timeout: 408,
  in_progress: 409,
  body_too_large: 413,
  unsupported_encoding: 415,
  handler_failed: 500,
  raw_body_missing: 500,
  internal_error: 500,
  store_unavailable: 503,
  secret_unavailable: 503,
  shutting_down: 503,
  overloaded: 503,
};

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  200: 'Processed now or before, abandoned by a handler, or no handler matches.',
  202: 'Persisted in a queue.',
  400: 'Authentic, but no event can be made of the body.',
  401: 'Not authentic.',
  403: "The app's option `accept` declined the sender.",
  404: "There is no secret for the path's parameters.",
  408: 'The body took too long to arrive.',
  409: 'In progress. Retry-After says when to retry.',
  413: 'The body is too large.',
  415: 'The body has a content-encoding.',
  500: 'A handler failed. A redelivery runs the handlers that have not finished.',
  503: 'Nothing was acknowledged. Retry-After says when to retry.',
};

/** The answers to the sender, by HTTP status. */
export const ANSWERS: readonly ApiResponseOptions[] = [
  ...byStatus(ACCEPTED).map(([status, statuses]) => accepted(status, statuses)),
  ...byStatus(REFUSED).map(([status, codes]) => refused(status, codes)),
];

function byStatus(names: Readonly<Record<string, number>>): [status: number, names: string[]][] {
  const statuses = [...new Set(Object.values(names))];
  return statuses.map(status => [status, Object.keys(names).filter(it => names[it] === status)]);
}

function accepted(status: number, statuses: string[]): ApiResponseOptions {
  return {
    status,
    description: DESCRIPTIONS[status] ?? '',
    schema: {
      type: 'object',
      required: ['status', 'id'],
      properties: {
        status: { type: 'string', enum: statuses },
        id: { type: 'string', description: 'X-Webhook-ID as sent.' },
      },
    },
  };
}

function refused(status: number, codes: string[]): ApiResponseOptions {
  const violation = {
    type: 'object',
    properties: { path: { type: 'string' }, message: { type: 'string' } },
  };
  return {
    status,
    description: DESCRIPTIONS[status] ?? '',
    ...(status === 409 || status === 503
      ? { headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } } }
      : {}),
    schema: {
      type: 'object',
      required: ['statusCode', 'code', 'message'],
      properties: {
        statusCode: { type: 'integer', enum: [status] },
        code: { type: 'string', enum: codes },
        message: { type: 'string' },
        ...(status === 400 ? { violations: { type: 'array', items: violation } } : {}),
      },
    },
  };
}
