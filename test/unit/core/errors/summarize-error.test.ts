import {
  RevragConfigurationError,
  RevragPayloadError,
  RevragUnavailableError,
} from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { ServerError } from '../../../../lib/core/errors/server.error.js';
import { summarizeError } from '../../../../lib/core/errors/summarize-error.js';

const named = (name: string, message: string, fields: object = {}) =>
  Object.assign(new Error(message), { name, ...fields });
const LONG = 'x'.repeat(64);
class DatabaseError extends Error {
  override name = 'error';
  code = '23505';
}

describe('summarizeError', () => {
  it.each([
    ['an error', new Error('card 4111'), 'Error'],
    ['a subclass', new TypeError('card 4111'), 'TypeError'],
    ['a code', named('Error', 'connect 10.0.0.1', { code: 'ECONNREFUSED' }), 'Error ECONNREFUSED'],
    ['one of several addresses', new AggregateError([new Error('x')], ''), 'AggregateError'],
    ['one of PostgreSQL', new DatabaseError('Key (4111)'), 'DatabaseError 23505'],
    ['a reply of Redis', named('ReplyError', 'OOM command not allowed'), 'ReplyError OOM'],
    [
      'the reply to a script of Redis 6.2',
      named(
        'ReplyError',
        "ERR Error running script (call to f_0a): @user_script:9: @user_script: 9: -READONLY You can't write",
      ),
      'ReplyError READONLY',
    ],
    ['a reply of Redis without a code', named('ReplyError', 'card 4111'), 'ReplyError'],
    ['a name that is text of some kind', named('card 4111\n', 'x'), 'Error'],
    ['a code that is text of some kind', named('Error', 'x', { code: 'card 4111' }), 'Error'],
    ['a code that is a number', named('Error', 'x', { code: 404 }), 'Error 404'],
    ['a code that is neither', named('Error', 'x', { code: ['4111'] }), 'Error'],
    ['words of 64 characters', named(LONG, 'x', { code: LONG }), `${LONG} ${LONG}`],
    ['longer words', named(`${LONG}x`, 'x', { code: `${LONG}x` }), 'Error'],
    ['a reply of Redis that quotes', named('ReplyError', '4111 OOM x'), 'ReplyError'],
    ['a reply of Redis in one word', named('ReplyError', 'PASSWORD'), 'ReplyError'],
    [
      'a class that has not set its name',
      new (class QueryFailed extends Error {})(),
      'QueryFailed',
    ],
    ['a name that is no text', named(7 as never, 'x'), 'Error'],
    ['a class without a name', new (class extends Error {})(), 'Error'],
    ['an error of pg without its class', named('error', 'x'), 'Error'],
    ['a query that pg gave up', new Error('Query read timeout'), 'Query read timeout'],
    [
      'a connection that ioredis gave up',
      new Error("Socket timeout. Expecting data, but didn't receive any in 10000ms."),
      "Socket timeout. Expecting data, but didn't receive any in 10000ms.",
    ],
    [
      'a Redis with too many clients',
      named('ReplyError', 'ERR max number of clients reached'),
      'ERR max number of clients reached',
    ],
    ['a known message with more to it', new Error('Connection is closed. 4111'), 'Error'],
    ['a known message in more', new Error('4111: Connection terminated'), 'Error'],
    ['a known message in lines', new Error('Connection terminated\n4111'), 'Error'],
    ['a text', 'card 4111', 'a thrown string'],
    ['nothing', undefined, 'a thrown undefined'],
    ['null', null, 'a thrown null'],
  ])('says of %s what quotes nothing', (_name, error, summary) => {
    expect(summarizeError(error)).toBe(summary);
  });

  it.each([
    'Query read timeout',
    'timeout expired',
    'timeout exceeded when trying to connect',
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client was closed and is not queryable',
    'Client has encountered a connection error and is not queryable',
    'Cannot use a pool after calling end on the pool',
    'The server does not support SSL connections',
    'There was an error establishing an SSL connection',
    'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string',
    'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a non-empty string',
    'Connection is closed.',
    'Command timed out',
    "Socket timeout. Expecting data, but didn't receive any in 2000ms.",
    "Stream isn't writeable and enableOfflineQueue options is false",
    "Cluster isn't ready and enableOfflineQueue options is false",
    'None of startup nodes is available',
    'ERR max number of clients reached',
  ])('keeps the constant message %j, and no message that only has it in it', message => {
    expect(summarizeError(new Error(message))).toBe(message);
    for (const text of [`4111 ${message}`, `${message} 4111`]) {
      expect(summarizeError(new Error(text))).toBe('Error');
    }
  });

  it("keeps the library's own messages", () => {
    for (const error of [
      new RevragPayloadError('malformed_json', 'The body is no JSON.'),
      new ServerError('Redis has not answered within 2000 ms'),
      new RevragConfigurationError('prefix is text'),
    ]) {
      expect(summarizeError(error)).toBe(error.message);
    }
  });
});

describe('RevragUnavailableError', () => {
  it('has no cause where none is known', () => {
    const error = new RevragUnavailableError('store_unavailable', 'No.', 5, { cause: undefined });
    expect(error.cause).toBeUndefined();
    expect(error.retryAfter).toBe(5);
  });

  it('keeps no foreign error [pitfall 37]', () => {
    const cause = named('ReplyError', 'OOM', { command: { args: ['the payload'] } });
    const error = new RevragUnavailableError('store_unavailable', 'No.', 5, { cause });
    expect(error.cause).toBe('ReplyError');
  });
});
