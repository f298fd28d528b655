import { HttpException } from '@nestjs/common';
import {
  RevragBodyError,
  RevragConfigurationError,
  RevragNotAcceptedError,
  RevragPayloadError,
  RevragPermanentError,
  RevragSignatureError,
  RevragUnavailableError,
  RevragUnknownEndpointError,
  RevragWebhookError,
} from 'nestjs-revrag-webhook';
import { expect, it } from 'vitest';
import { ServerError } from '../../../../lib/core/errors/server.error.js';

const violations = [{ path: 'call_id', message: 'must be a string' }];

it.each<[statusCode: number, code: string, create: () => RevragWebhookError, details?: object]>([
  [401, 'signature_mismatch', () => new RevragSignatureError('signature_mismatch', 'No.')],
  [400, 'malformed_json', () => new RevragPayloadError('malformed_json', 'No.')],
  [
    400,
    'invalid_payload',
    () => new RevragPayloadError('invalid_payload', 'No.', violations),
    { violations },
  ],
  [408, 'body_timeout', () => new RevragBodyError('body_timeout', 'No.')],
  [413, 'body_too_large', () => new RevragBodyError('body_too_large', 'No.')],
  [415, 'unsupported_encoding', () => new RevragBodyError('unsupported_encoding', 'No.')],
  [500, 'raw_body_missing', () => new RevragBodyError('raw_body_missing', 'No.')],
  [503, 'overloaded', () => new RevragUnavailableError('overloaded', 'No.', 5)],
  [403, 'not_accepted', () => new RevragNotAcceptedError()],
  [404, 'unknown_endpoint', () => new RevragUnknownEndpointError()],
])('answer %i %s where a controller throws them', (statusCode, code, create, details = {}) => {
  const error = create();
  expect(error).toBeInstanceOf(RevragWebhookError);
  expect(error).toBeInstanceOf(HttpException);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(/^[A-Z].*\.$/);
  expect(error.name).toBe(error.constructor.name);
  expect(error.getStatus()).toBe(statusCode);
  expect(error.getResponse()).toEqual({ statusCode, code, message: error.message, ...details });
});

it('have the violations of a payload, and none where there are none', () => {
  expect(new RevragPayloadError('invalid_payload', 'No.', violations).violations).toBe(violations);
  expect(new RevragPayloadError('malformed_json', 'No.').violations).toEqual([]);
});

it.each([
  [new RevragConfigurationError('No.'), 'RevragConfigurationError', 'invalid_configuration'],
  [new RevragPermanentError('No.'), 'RevragPermanentError', 'abandoned'],
])('%s has a name and a code, and is no answer to a request', (error, name, code) => {
  expect(error).toMatchObject({ name, code, message: 'No.' });
  expect(error).not.toBeInstanceOf(HttpException);
});

it('of a server have a stack without lines, which would show nothing but timers', () => {
  const error = new ServerError('Redis has not answered within 2000 ms');
  expect(error).toMatchObject({
    name: 'ServerError',
    message: 'Redis has not answered within 2000 ms',
  });
  expect(error.stack).toBe('ServerError: Redis has not answered within 2000 ms');
});
