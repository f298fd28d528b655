import { Logger } from '@nestjs/common';
import { RevragBodyError, RevragPayloadError, type Outcome } from 'nestjs-revrag-webhook';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeliveryLine } from '../../../../lib/core/delivery/delivery-line.js';
import { OutcomeLog } from '../../../../lib/core/delivery/outcome-log.js';
import { shuttingDown, storeUnavailable } from '../../../../lib/core/errors/unavailable.js';
import { ManualClock } from '../../../support/manual-clock.js';

const id = 'evt_1';
const processed: Outcome = { status: 'processed', id, handlerIds: ['A'] };
const refused = (error: Extract<Outcome, { status: 'refused' }>['error']): Outcome => ({
  status: 'refused',
  error,
});
const away = refused(storeUnavailable('Away.', undefined));
const withoutBytes = refused(new RevragBodyError('raw_body_missing', 'No bytes.'));

let lines: { level: string; line: DeliveryLine; stack?: string }[];
let clock: ManualClock;
const received = (more: object = {}) => ({
  ...{ endpoint: 'default', id, type: 'call.ended', startedAt: clock.now() - 7 },
  ...more,
});
const unverified = () => received({ id: undefined, type: undefined });

function setUp({ areThere = false } = {}) {
  const outcome = vi.fn();
  const observers = { isEmpty: !areThere, outcome };
  const log = new OutcomeLog(clock, observers as never);
  return { log, outcome };
}

beforeEach(() => {
  clock = new ManualClock();
  lines = [];
  const collect = (level: string) => (line: DeliveryLine, stack?: string) =>
    lines.push({ level, line, ...(stack !== undefined && { stack }) });
  Logger.overrideLogger({
    log: collect('log'),
    warn: collect('warn'),
    error: collect('error'),
  });
});

describe('OutcomeLog', () => {
  it('has the fields that an outcome has, and no others', () => {
    const { log } = setUp();
    log.write(received(), processed);
    log.write(received(), away);
    log.write(unverified(), withoutBytes);
    log.write(received(), { status: 'failed', id, handlerIds: ['A', 'B'], unfinished: ['B'] });
    const common = { endpoint: 'default', duration: 7 };
    const own = { ...common, id, type: 'call.ended' };
    const message = expect.any(String) as string;
    expect(lines.map(({ level, line }) => [level, { ...line }])).toEqual([
      ['log', { ...own, message, outcome: 'processed', statusCode: 200, handlers: ['A'] }],
      [
        'error',
        { ...own, message, outcome: 'refused', code: 'store_unavailable', statusCode: 503 },
      ],
      [
        'error',
        { ...common, message, outcome: 'refused', code: 'raw_body_missing', statusCode: 500 },
      ],
      [
        'error',
        {
          ...{ ...own, message, outcome: 'failed', code: 'handler_failed', statusCode: 500 },
          ...{ handlers: ['A', 'B'], unfinished: ['B'] },
        },
      ],
    ]);
    expect(Object.keys(lines[1]!.line)).not.toContain('cause');
    expect(Object.keys(lines[0]!.line)).not.toContain('unfinished');
    expect(Object.keys(lines[0]!.line)).not.toContain('abandoned');
    expect(String(lines[0]!.line)).toBe(
      'call.ended evt_1 on default: processed in 7 ms; handlers: A',
    );
    expect(String(lines[2]!.line)).toBe(
      'Delivery on default: refused in 7 ms: raw_body_missing: No bytes.',
    );
  });

  it('names five violations, and that there are more', () => {
    const { log } = setUp();
    const violations = ['a', 'b', 'c', 'd', 'e', 'f'].map(path => ({ path, message: 'no' }));
    log.write(received({ violations: violations.slice(0, 5) }), processed);
    log.write(received({ violations }), processed);
    const [five, six] = lines.map(({ line }) => String(line));
    expect(five).toMatch(/; breaks the contract at a, b, c, d, e$/);
    expect(six).toMatch(/; breaks the contract at a, b, c, d, e, …$/);
  });

  it('names what a payload was refused for, and the handlers that gave up', () => {
    const { log } = setUp();
    const violations = [
      { path: 'call_id', message: 'no' },
      { path: '', message: 'no' },
    ];
    log.write(received(), refused(new RevragPayloadError('invalid_payload', 'No.', violations)));
    const handlerIds = ['A', 'B'];
    log.write(received(), { status: 'abandoned', id, handlerIds, abandoned: ['B'] });
    expect(lines.map(({ line }) => String(line))).toEqual([
      'call.ended evt_1 on default: refused in 7 ms; breaks the contract at call_id, (the whole): ' +
        'invalid_payload: No.',
      'call.ended evt_1 on default: abandoned in 7 ms; handlers: A, B; gave up: B',
    ]);
    expect(lines[0]!.line).toMatchObject({ violations: ['call_id', ''] });
    expect(lines[1]!.line).toMatchObject({ abandoned: ['B'] });
  });

  it('limits what anybody can cause, and nothing else', async () => {
    const { log } = setUp();
    const failed: Outcome = { status: 'failed', id, handlerIds: ['A'], unfinished: ['A'] };
    for (const outcome of [processed, failed, away, refused(shuttingDown())]) {
      for (let turn = 0; turn < 30; turn += 1) log.write(received(), outcome);
      expect(lines).toHaveLength(30);
      lines.length = 0;
    }
    for (let turn = 0; turn < 30; turn += 1) log.write(unverified(), withoutBytes);
    expect(lines).toHaveLength(10);
    await clock.pass(60_000);
    expect({ ...lines[10]!.line }).toEqual({
      message: expect.stringContaining('20 more') as string,
      ...{ endpoint: 'default', outcome: 'refused', code: 'raw_body_missing', statusCode: 500 },
      count: 20,
    });
  });

  it('logs what nobody expects with its stack, and limits what anybody can cause', async () => {
    const { log, outcome } = setUp({ areThere: true });
    const error = new TypeError('a mistake');
    log.writeError(received(), error);
    const failure = { outcome: 'error', code: 'internal_error', statusCode: 500, duration: 7 };
    expect(outcome).toHaveBeenCalledWith({
      endpoint: 'default',
      id,
      type: 'call.ended',
      ...failure,
    });
    expect(lines).toMatchObject([{ level: 'error', line: failure, stack: error.stack }]);
    expect(lines[0]!.line.message).toBe('call.ended evt_1 on default: error in 7 ms: unexpected');
    lines.length = 0;
    for (let turn = 0; turn < 30; turn += 1) log.writeError(received(), error);
    expect(lines).toHaveLength(30);
    lines.length = 0;
    for (let turn = 0; turn < 30; turn += 1) log.writeError(unverified(), error);
    expect(lines).toHaveLength(10);
    expect(outcome).toHaveBeenCalledTimes(61);
    await clock.pass(60_000);
    expect(lines[10]!.line.message).toMatch(/^Deliveries on default: 20 more .*internal_error$/);
  });

  it('reports to observers although its level is off, and makes no report for nobody', () => {
    Logger.overrideLogger(['warn']);
    const read = vi.spyOn(clock, 'monotonic');
    const arrived = received();
    read.mockClear();
    setUp().log.write(arrived, processed);
    expect(read).not.toHaveBeenCalled();
    const { log, outcome } = setUp({ areThere: true });
    log.write(arrived, processed);
    expect(outcome).toHaveBeenCalledOnce();
    Logger.overrideLogger(['log', 'error', 'warn', 'debug', 'verbose', 'fatal']);
  });
});
