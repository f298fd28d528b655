import { Logger } from '@nestjs/common';
import type { Claim, Progress } from 'nestjs-revrag-webhook';
import { beforeEach, describe, expect, it } from 'vitest';
import { HeldClaim } from '../../../../lib/core/delivery/held-claim.js';
import { LogCollector } from '../../../support/logs.js';
import { ManualClock } from '../../../support/manual-clock.js';

const MINUTE = 60_000;
const LEASE = MINUTE;
const RETENTION = 60 * MINUTE;
const granted: Claim = {
  identity: { call: 'call', body: 'later body', id: 'id' },
  key: 'first body',
  token: 'token',
  fence: 7,
};
const turn = () => new Promise(resolve => setImmediate(resolve));

let logs: LogCollector;
beforeEach(() => {
  logs = new LogCollector();
  Logger.overrideLogger(logs);
});

/** A store that answers as it is set to, at once, and notes what it was asked, when and with what. */
function setUp(finished: readonly string[] = []) {
  const clock = new ManualClock();
  const begun = clock.now();
  const asked: { at: number; what: string; value: unknown }[] = [];
  const answers: Record<string, () => boolean | Promise<boolean>> = {
    renew: () => true,
    record: () => true,
    end: () => true,
  };
  const ask = (what: string) => (claim: Claim, value: number | Progress) => {
    expect(claim).toBe(granted);
    asked.push({ at: clock.now() - begun, what, value });
    return answers[what]!();
  };
  const store = { renew: ask('renew'), record: ask('record'), end: ask('end') };
  const events: string[] = [];
  const claim = new HeldClaim(
    store as never,
    { status: 'claimed', claim: granted, finished },
    { lease: LEASE, retention: RETENTION },
    clock,
    'evt_1',
  );
  claim.onEnd = () => events.push('end');
  claim.onLost = () => events.push('lost');
  const times = (what: string) => asked.filter(one => one.what === what).map(({ at }) => at);
  return { clock, claim, answers, asked, events, times };
}

const away = () => Promise.reject(new Error('away'));
const done = (...handlerIds: string[]) => ({ handlerIds, retention: RETENTION });

describe('a held claim', () => {
  it('is of its bodies and its id', () => {
    const { claim } = setUp();
    for (const name of ['first body', 'later body', 'id']) expect(claim.isOf(name)).toBe(true);
    for (const name of ['call', 'token', '']) expect(claim.isOf(name)).toBe(false);
    expect([claim.key, claim.fence, claim.identity]).toEqual(['first body', 7, granted.identity]);
  });

  it('renews its lease each third of it, until it ends', async () => {
    const { clock, claim, asked, events, times } = setUp();
    claim.keep();
    await clock.pass(LEASE / 3 - 1);
    expect(asked).toEqual([]);
    await clock.pass(1);
    expect(asked).toEqual([{ at: LEASE / 3, what: 'renew', value: LEASE }]);
    await clock.pass(2 * LEASE);
    expect(times('renew')).toHaveLength(7);
    await claim.end();
    expect(clock.pending).toBe(0);
    expect(events).toEqual(['end']);
    expect(logs.lines).toEqual([]);
  });

  it('renews on after a renewal that failed, and says so', async () => {
    const { clock, claim, answers, times } = setUp();
    answers.renew = away;
    claim.keep();
    await clock.pass(LEASE / 3);
    expect(logs.of('warn').join()).toMatch(
      /did not renew the lease of delivery evt_1; retrying: Error/,
    );
    await clock.pass(LEASE / 3);
    expect(times('renew')).toHaveLength(2);
  });

  it('says nothing of a renewal that fails while it ends', async () => {
    const { clock, claim, answers } = setUp();
    let fail: (error: Error) => void = () => undefined;
    answers.renew = () => new Promise((_, reject) => (fail = reject));
    claim.keep();
    await clock.pass(LEASE / 3);
    void claim.end();
    fail(new Error('away'));
    await turn();
    expect(logs.lines).toEqual([]);
  });

  it('records together what finishes together, once', async () => {
    const { claim, asked } = setUp(['A']);
    for (const handlerId of ['A', 'B', 'B', 'C']) claim.finish(handlerId);
    expect(asked).toEqual([]);
    await turn();
    expect(asked.map(({ what, value }) => [what, value])).toEqual([
      ['record', done('A', 'B', 'C')],
    ]);
    claim.finish('D');
    await turn();
    expect(asked).toHaveLength(2);
    expect(['A', 'B', 'C', 'D', 'E'].filter(id => claim.hasFinished(id))).toHaveLength(4);
  });

  it('leaves the record of the last handler to its end', async () => {
    const { claim, asked } = setUp();
    claim.finish('A');
    claim.finish('B');
    void claim.end();
    await turn();
    expect(asked.map(({ what, value }) => [what, value])).toEqual([['end', done('A', 'B')]]);
  });

  it('retries a record after 50, 200 and 1,000 milliseconds, one at a time, until it ends', async () => {
    const { clock, claim, answers, times } = setUp();
    answers.record = away;
    claim.finish('A');
    await clock.pass(0);
    claim.finish('B');
    await clock.pass(2_300);
    expect(times('record')).toEqual([0, 50, 250, 1_250, 2_250]);
    expect(logs.of('warn')).toHaveLength(1);
    expect(logs.text).toMatch(/did not record progress of delivery evt_1; retrying: Error/);
    void claim.end();
    await clock.pass(5_000);
    expect(times('record')).toHaveLength(5);
    expect(clock.pending).toBe(0);
  });

  it.each(['renew', 'record'])('is lost where the store says so of a %s', async what => {
    const { clock, claim, answers, events, times } = setUp();
    answers[what] = () => false;
    claim.keep();
    claim.finish('A');
    await clock.pass(LEASE / 3);
    expect(events.filter(event => event === 'lost')).toHaveLength(1);
    expect(logs.of('warn').join()).toMatch(/claimed delivery evt_1 before this one finished it/);
    const before = times('renew').length;
    await clock.pass(LEASE);
    expect(times('renew')).toHaveLength(before);
  });

  it('may be lost before it is kept', async () => {
    const { claim, answers, events } = setUp();
    answers.record = () => false;
    claim.finish('A');
    await turn();
    expect(events).toEqual(['lost']);
  });

  it('writes one thing at a time, so that no renewal overtakes its end', async () => {
    const { clock, claim, answers, asked, times } = setUp();
    const answer: Record<string, (isOwner: boolean) => void> = {};
    for (const what of ['renew', 'record', 'end']) {
      answers[what] = () => new Promise<boolean>(resolve => (answer[what] = resolve));
    }
    claim.keep();
    await clock.pass(LEASE / 3);
    claim.finish('A');
    await turn();
    const ended = claim.end();
    for (const [index, what] of ['renew', 'record', 'end'].entries()) {
      await turn();
      expect(asked.map(one => one.what)).toEqual(['renew', 'record', 'end'].slice(0, index + 1));
      // The claim would be taken again if a renewal came after the end.
      if (what === 'end') await clock.pass(2 * LEASE);
      answer[what]!(true);
    }
    await ended;
    await clock.pass(2 * LEASE);
    expect(times('renew')).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('says nothing of another owner where it was released before', async () => {
    const { claim, answers } = setUp();
    await claim.end();
    claim.finish('A');
    for (const answer of [() => false, () => Promise.resolve(false)]) {
      answers.end = answer;
      await claim.end();
    }
    expect(logs.lines).toEqual([]);
  });

  it('records what finishes after it was released, although other handlers never settle', async () => {
    const { claim, asked } = setUp();
    await claim.end();
    claim.finish('A');
    await turn();
    expect(asked.map(({ what, value }) => [what, value])).toEqual([
      ['end', done()],
      ['end', done('A')],
    ]);
  });

  it('lets go of the event when it has ended, and ends again without it', async () => {
    const { claim, events } = setUp();
    const { onEnd, onLost } = claim;
    await claim.end();
    expect([claim.onEnd, claim.onLost]).not.toContain(onEnd);
    expect([claim.onEnd, claim.onLost]).not.toContain(onLost);
    claim.finish('A');
    await turn();
    expect(events).toEqual(['end']);
  });

  it('ends by whatever can be awaited', async () => {
    const { claim, answers, times } = setUp();
    const thenable = { then: (resolve: (isOwner: boolean) => void) => resolve(true) };
    answers.end = () => thenable as Promise<boolean>;
    await claim.end();
    expect(times('end')).toHaveLength(1);
    expect(logs.lines).toEqual([]);
  });

  it('is not lost once it ends', async () => {
    const { clock, claim, answers, events } = setUp();
    let answer: (isOwner: boolean) => void = () => undefined;
    answers.renew = () => new Promise(resolve => (answer = resolve));
    claim.keep();
    await clock.pass(LEASE / 3);
    void claim.end();
    answer(false);
    await turn();
    expect(events).toEqual(['end']);
    expect(logs.lines).toEqual([]);
  });

  it.each([
    ['at once', () => false],
    ['later', () => Promise.resolve(false)],
  ])('says at its end that another owner has it, which the store answers %s', async (_, answer) => {
    const { claim, answers, events } = setUp();
    answers.end = answer;
    claim.keep();
    await claim.end();
    expect(events).toEqual(['end']);
    expect(logs.of('warn').join()).toMatch(
      /claimed delivery evt_1 before this one recorded it.* RevragWebhook$/,
    );
  });

  it.each([
    ['rejects', () => Promise.resolve().then(() => thrown('a transcript'))],
    ['throws', () => thrown('a transcript')],
    ['throws an error', () => thrown(new Error('no connection'))],
  ])('retries its end where the store %s, and logs no value of another type', async (_, answer) => {
    const { clock, claim, answers, times } = setUp();
    answers.end = answer;
    const ended = claim.end();
    await clock.pass(60);
    expect(times('end')).toEqual([0, 50]);
    expect(logs.text).toMatch(/did not end the claim on .*retrying: /);
    expect(logs.text).not.toContain('transcript');
    answers.end = () => true;
    await clock.pass(1_000);
    await ended;
  });

  it('gives its end up after 600 tries, without saying that another owner has it', async () => {
    const { clock, claim, answers, events, times } = setUp();
    answers.end = away;
    claim.keep();
    const ended = claim.end();
    await clock.pass(620_000);
    await ended;
    expect(times('end')).toHaveLength(600);
    expect(events).toEqual(['end']);
    expect(logs.of('error')).toHaveLength(1);
    expect(logs.of('error')[0]).toMatch(/handlers of delivery evt_1 in 600 tries/);
    // The first failure, then about one a minute.
    expect(logs.of('warn')).toHaveLength(10);
    expect(clock.pending).toBe(0);
  });
});

function thrown(value: unknown): never {
  throw value;
}
