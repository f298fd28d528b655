import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import { beforeEach, expect, it } from 'vitest';
import { logErrors } from '../../../lib/bullmq/connection-log.js';
import { LogCollector } from '../../support/logs.js';
import { ManualClock } from '../../support/manual-clock.js';

let logs: LogCollector;
let clock: ManualClock;
let queue: EventEmitter;

beforeEach(() => {
  logs = new LogCollector();
  Logger.overrideLogger(logs);
  clock = new ManualClock();
  queue = new EventEmitter();
  logErrors(queue, 'queue', clock);
});

const lineOf = (error: unknown): string => {
  queue.emit('error', error);
  clock.standStill(10_000);
  return logs.of('error').at(-1)!;
};
it('logs on after the clock was set back', () => {
  lineOf(new Error('first'));
  clock.set(-3_600_000);
  lineOf(new Error('second'));
  expect(logs.of('error')).toHaveLength(2);
});

const named = (name: string, message: string, fields: object = {}) =>
  Object.assign(new Error(message), { name, ...fields });

it.each([
  ['Missing lock for job a-b_1. moveToFinished', { code: -2 }],
  ['Missing key for job 7. moveToFinished', { code: -1 }],
  ['Job a-b_1 is not in the active state. moveToFinished', { code: -3 }],
  ['Lock mismatch for job a. Cmd moveToFinished from active', { code: -6 }],
  ['could not renew lock for job a-b_1', {}],
  ['Redis version needs to be greater or equal than 5.0.0 Current: 4.0.9', {}],
])('keeps what BullMQ says: %s', (message, fields) => {
  const error = Object.assign(new Error(message), fields);
  expect(lineOf(error)).toContain(`Error of the queue: ${message} `);
});

it.each([
  ['a reply that quotes', named('ReplyError', "ERR unknown 'x', beginning with: '4111'"), 'ERR'],
  ['JSON of another', new SyntaxError(`Unexpected token 'c', "card 4111"`), 'SyntaxError'],
  ['one of PostgreSQL', named('error', 'invalid "4111"', { code: '22P02' }), 'Error 22P02'],
  ['a refused connection', named('Error', 'h 4111', { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ['several', Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ['a message that goes on', new Error('could not renew lock for job a: 4111'), 'queue: Error'],
  ['no error', '4111', 'a thrown string'],
])('quotes nothing of %s, and names the cause', (_what, error, cause) => {
  const line = lineOf(error);
  expect(line).toContain(cause);
  expect(line).not.toContain('4111');
});

it('logs an error at once, then one every ten seconds', () => {
  const fail = () => queue.emit('error', new Error('Command timed out'));
  const lines = () => logs.of('error').length;
  fail();
  expect(lines()).toBe(1);
  clock.standStill(9_999);
  fail();
  expect(lines()).toBe(1);
  clock.standStill(1);
  fail();
  fail();
  expect(lines()).toBe(2);
});
