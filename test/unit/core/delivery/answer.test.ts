import { expect, it } from 'vitest';
import { RevragPayloadError } from 'nestjs-revrag-webhook';
import { internalError, toAnswer } from '../../../../lib/core/delivery/answer.js';
import type { Outcome } from '../../../../lib/core/delivery/outcome.js';
import {
  overloaded,
  shuttingDown,
  storeUnavailable,
} from '../../../../lib/core/errors/unavailable.js';

const id = 'evt_1';
const handlerIds = ['A'];
const problem = (statusCode: number, code: string) => ({
  statusCode,
  body: { statusCode, code, message: expect.any(String) as string },
});

it.each<[Outcome, object]>([
  [
    { status: 'processed', id, handlerIds },
    { statusCode: 200, body: { status: 'processed', id } },
  ],
  [
    { status: 'duplicate', id },
    { statusCode: 200, body: { status: 'duplicate', id } },
  ],
  [
    { status: 'ignored', id },
    { statusCode: 200, body: { status: 'ignored', id } },
  ],
  [
    { status: 'abandoned', id, handlerIds, abandoned: handlerIds },
    { statusCode: 200, body: { status: 'abandoned', id } },
  ],
  [
    { status: 'queued', id, handlerIds },
    { statusCode: 202, body: { status: 'queued', id } },
  ],
  [
    { status: 'in_progress', id, retryAfter: 7 },
    { ...problem(409, 'in_progress'), retryAfter: 7 },
  ],
  [{ status: 'failed', id, handlerIds, unfinished: handlerIds }, problem(500, 'handler_failed')],
  [
    { status: 'refused', error: storeUnavailable('away', undefined) },
    { ...problem(503, 'store_unavailable'), retryAfter: 5 },
  ],
  [
    { status: 'refused', error: shuttingDown() },
    { ...problem(503, 'shutting_down'), retryAfter: 5 },
  ],
  [
    { status: 'refused', error: overloaded() },
    { ...problem(503, 'overloaded'), retryAfter: 5 },
  ],
])('answers %o', (outcome, answer) => {
  expect(toAnswer(outcome)).toEqual(answer);
});

it('answers a payload that is refused with its violations, and no time to come again', () => {
  const violations = [{ path: 'call_id', message: 'must be a string' }];
  const error = new RevragPayloadError('invalid_payload', 'The payload is invalid.', violations);
  expect(toAnswer({ status: 'refused', error })).toEqual({
    statusCode: 400,
    body: { statusCode: 400, code: 'invalid_payload', message: error.message, violations },
  });
});

it('answers an unexpected error without a word of it', () => {
  expect(internalError()).toEqual(problem(500, 'internal_error'));
});
