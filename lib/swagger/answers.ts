import type { ApiResponseOptions } from '@nestjs/swagger';

/** What a sender gets, by HTTP status. */
export const ANSWERS: readonly ApiResponseOptions[] = [
  accepted(200, 'Processed now or before, or nothing handles it.', [
    'processed',
    'duplicate',
    'ignored',
  ]),
  accepted(202, 'Kept in a queue.', ['queued']),
  refused(400, 'Authentic, but unreadable.', ['malformed_json', 'invalid_payload']),
  refused(401, 'Not authentic.', [
    'missing_header',
    'malformed_header',
    'timestamp_out_of_tolerance',
    'signature_mismatch',
  ]),
  refused(403, "The app's `accept` does not want it.", ['not_accepted']),
  refused(408, 'The body took too long.', ['body_timeout']),
  refused(409, 'Being processed. Retry-After tells when to send it again.', ['in_progress']),
  refused(413, 'The body is too large.', ['body_too_large']),
  refused(415, 'The body has a content-encoding.', ['unsupported_encoding']),
  refused(500, 'A handler failed. A redelivery runs what is left.', [
    'handler_failed',
    'raw_body_missing',
    'internal_error',
  ]),
  refused(503, 'Not accepted. Retry-After tells when to send it again.', [
    'store_unavailable',
    'shutting_down',
    'overloaded',
  ]),
];

function accepted(status: number, description: string, statuses: string[]): ApiResponseOptions {
  return {
    status,
    description,
    schema: {
      type: 'object',
      required: ['status', 'id'],
      properties: {
        status: { type: 'string', enum: statuses },
        id: { type: 'string', description: 'The id that the delivery is remembered under.' },
      },
    },
  };
}

function refused(status: number, description: string, codes: string[]): ApiResponseOptions {
  const violation = {
    type: 'object',
    properties: { path: { type: 'string' }, message: { type: 'string' } },
  };
  return {
    status,
    description,
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
