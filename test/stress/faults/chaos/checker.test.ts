import { describe, expect, it } from 'vitest';
import { check, type Violation } from './checker.js';
import type { Answer, Fault, History, Run, Sent } from './history.js';

const LEASE = 2_000;

const answered = (over: Partial<Answer> = {}): Answer => ({
  ...{ status: 200, word: 'processed', id: 'evt', sentId: 'evt' },
  ...{ sentAt: 1_000, at: 1_200, handlers: ['crm'], isForged: false },
  ...over,
});

const ran = (over: Partial<Run> = {}): Run => ({
  ...{ handler: 'crm', call: 'call', pid: 1, start: 1_050, effect: 1_100 },
  ...over,
});

const event = (answers: Answer[], isAcknowledged = true): Sent => ({
  ...{ call: 'call', answers, isAcknowledged },
});

function kindsOf(over: Partial<History>): Violation['kind'][] {
  const history: History = {
    ...{ mode: 'inline', lease: LEASE, sent: [event([answered()])], runs: [ran()] },
    ...{ faults: [], rss: new Map(), crashes: [], hung: [] },
    ...over,
  };
  return check(history).violations.map(({ kind }) => kind);
}

describe('the checker', () => {
  it('has nothing against a delivery that is processed once', () => {
    expect(kindsOf({})).toEqual([]);
  });

  it.each<[string, Violation['kind'], Partial<History>]>([
    ['200 without an effect', 'lost', { runs: [] }],
    ['200 before the effect', 'untrue', { runs: [ran({ effect: 1_300 })] }],
    [
      '200 for one of two handlers',
      'lost',
      { sent: [event([answered({ handlers: ['crm', 'ledger'] })])] },
    ],
    [
      '202 without an effect',
      'lost',
      { mode: 'queue', sent: [event([answered({ status: 202, word: 'queued' })])], runs: [] },
    ],
    [
      '202 without a queue',
      'untrue',
      { sent: [event([answered({ status: 202, word: 'queued' })])] },
    ],
    [
      '500 although no handler failed',
      'untrue',
      { sent: [event([answered({ status: 500, word: 'handler_failed' }), answered()])] },
    ],
    [
      '500 of a defect',
      'untrue',
      { sent: [event([answered({ status: 500, word: 'internal_error' }), answered()])] },
    ],
    [
      '409 to the only one who sent it',
      'untrue',
      { sent: [event([answered({ status: 409, word: 'in_progress' })])] },
    ],
    [
      '401 to an authentic delivery',
      'untrue',
      { sent: [event([answered({ status: 401, word: 'signature_mismatch' }), answered()])] },
    ],
    [
      '503 for a secret that is there',
      'untrue',
      { sent: [event([answered({ status: 503, word: 'secret_unavailable' }), answered()])] },
    ],
    ['200 to a forger', 'untrue', { sent: [event([answered({ isForged: true }), answered()])] }],
    ['an answer with the id of another', 'untrue', { sent: [event([answered({ id: 'other' })])] }],
    ['an effect of what nobody sent', 'untrue', { runs: [ran(), ran({ call: 'other' })] }],
    [
      'a delivery that is never acknowledged',
      'stuck',
      { sent: [event([answered({ status: 503, word: 'store_unavailable' })], false)] },
    ],
    ['an answer after more than 30 s', 'stuck', { sent: [event([answered({ at: 40_000 })])] }],
    ['a process that does not end', 'stuck', { hung: ['process 1'] }],
    ['a process that ends by itself', 'crashed', { crashes: ['ended with 1'] }],
    ['memory that grows', 'memory', { rss: new Map([[1, 1024 ** 3]]) }],
  ])('finds %s', (_, kind, over) => {
    expect(kindsOf(over)).toContain(kind);
  });

  const again = ran({ pid: 2, start: 4_000, effect: 4_050 });
  const crash = (over: Partial<Extract<Fault, { kind: 'exit' }>> = {}): Fault => ({
    ...{ kind: 'exit', pid: 1, at: 1_150, isCrash: true },
    ...over,
  });
  const twice = (earlier: Partial<Run>, later: Partial<Run>, faults: Fault[]) =>
    kindsOf({
      sent: [event([answered({ at: 20_000 })])],
      runs: [ran(earlier), { ...again, ...later }],
      faults,
    });

  it.each<[string, Fault[], Partial<Run>?, Partial<Run>?]>([
    ['without a reason', []],
    ['while it still runs elsewhere', [], { effect: undefined }],
    ['after a crash of another process', [crash({ pid: 3 })]],
    ['after a crash long after the effect', [crash({ at: 9_000 })], {}, { start: 10_000 }],
    ['after an orderly end', [crash({ isCrash: false })]],
    ['after a crash that came later still', [crash({ at: 5_000 })]],
    ['after a pause shorter than the lease', [{ kind: 'pause', pid: 1, from: 1_000, to: 1_400 }]],
    ['after a pause of the other process', [{ kind: 'pause', pid: 2, from: 1_000, to: 3_900 }]],
    [
      'in the same process after a pause',
      [{ kind: 'pause', pid: 1, from: 1_000, to: 3_900 }],
      {},
      { pid: 1 },
    ],
    ['after an outage shorter than the lease', [{ kind: 'outage', from: 1_000, to: 1_500 }]],
    [
      'in the same process after an outage',
      [{ kind: 'outage', from: 1_000, to: 3_900 }],
      {},
      { pid: 1 },
    ],
    [
      'after an outage that began after the record',
      [{ kind: 'outage', from: 9_000, to: 12_000 }],
      {},
      { start: 13_000 },
    ],
    ['before the server forgot', [{ kind: 'amnesia', since: -Infinity, from: 5_000, to: 5_001 }]],
    [
      'although only later ones were forgotten',
      [{ kind: 'amnesia', since: 8_000, from: 9_000, to: 9_001 }],
      {},
      { start: 10_000 },
    ],
  ])('finds a second run %s', (_, faults, earlier = {}, later = {}) => {
    expect(twice(earlier, later, faults)).toContain('twice');
  });

  it.each<[string, Fault[], Partial<Run>?]>([
    ['the first one failed', [], { effect: undefined, failed: 1_100 }],
    ['its process was killed before the record', [crash()]],
    ['its process was killed while it ran', [crash()], { effect: undefined }],
    ['its process stood still', [{ kind: 'pause', pid: 1, from: 1_060, to: 3_900 }]],
    ['the server was out for longer than the lease', [{ kind: 'outage', from: 1_060, to: 3_900 }]],
    [
      'the server was out when the process ended',
      [crash({ isCrash: false }), { kind: 'outage', from: 1_060, to: 1_500 }],
    ],
    [
      'the server has forgotten everything',
      [{ kind: 'amnesia', since: -Infinity, from: 2_000, to: 2_001 }],
    ],
  ])('allows a second run if %s', (_, faults, earlier = {}) => {
    expect(twice(earlier, {}, faults)).toEqual([]);
  });

  it('tells what the server forgot from what was lost', () => {
    const queued = event([answered({ status: 202, word: 'queued' })]);
    const amnesia: Fault = { kind: 'amnesia', since: -Infinity, from: 1_500, to: 1_501 };
    const history = {
      mode: 'queue',
      lease: LEASE,
      sent: [queued],
      runs: [],
      faults: [amnesia],
    } as const;
    const { violations, forgotten } = check({ ...history, rss: new Map(), crashes: [], hung: [] });
    expect({ violations, forgotten }).toEqual({ violations: [], forgotten: 1 });
  });
});
