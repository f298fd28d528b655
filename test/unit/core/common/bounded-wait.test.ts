import { describe, expect, it } from 'vitest';
import { BoundedWait } from '../../../../lib/core/common/bounded-wait.js';
import { deferred } from '../../../support/deferred.js';
import { ManualClock } from '../../../support/manual-clock.js';

const TIMEOUT = 1_000;
const MAX_UNANSWERED = 16;
const LATE = 'Redis has not answered within 1000 ms';
const REFUSED = 'Redis has not answered for a while';
const never = () => new Promise<never>(() => undefined);

const setUp = () => {
  const clock = new ManualClock();
  return { clock, wait: new BoundedWait('Redis', TIMEOUT, clock) };
};

/** The message of what it rejects with, or its value. */
const settle = (work: Promise<unknown>) => work.catch((error: unknown) => (error as Error).message);

/** A server of which as many answers are overdue as may be. */
const silent = async () => {
  const { clock, wait } = setUp();
  const asked = Array.from({ length: MAX_UNANSWERED }, () => settle(wait.run(never)));
  await clock.pass(TIMEOUT);
  expect(new Set(await Promise.all(asked))).toEqual(new Set([LATE]));
  return { clock, wait };
};

describe('BoundedWait', () => {
  it('passes a value on, and leaves no timer', async () => {
    const { clock, wait } = setUp();
    expect(await wait.run(() => Promise.resolve(1))).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('says of an error its class and code, and nothing of what it holds', async () => {
    const { clock, wait } = setUp();
    class QueryFailed extends Error {
      code = '42P01';
      parameters = ['4111 1111'];
    }
    const error: unknown = await wait
      .run(() => Promise.reject(new QueryFailed('relation "4111 1111" does not exist')))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: 'Redis: QueryFailed 42P01' });
    expect((error as Error).cause).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it('minds work that throws at once', async () => {
    const { clock, wait } = setUp();
    const throwing = () => {
      throw new TypeError('no');
    };
    expect(await settle(wait.run(throwing))).toBe('Redis: TypeError');
    expect(clock.pending).toBe(0);
  });

  it('has errors without a stack, which would show nothing but timers', async () => {
    const { clock, wait } = setUp();
    const asked = wait.run(never).catch((error: unknown) => (error as Error).stack);
    await clock.pass(TIMEOUT);
    expect(await asked).toBe(`ServerError: ${LATE}`);
  });

  it('lets work know that nobody waits any more', async () => {
    const { clock, wait } = setUp();
    const late: boolean[] = [];
    const asked = settle(
      wait.run(isLate => {
        late.push(isLate());
        clock.after(TIMEOUT + 1, () => late.push(isLate()));
        return never();
      }),
    );
    await clock.pass(TIMEOUT + 1);
    expect(await asked).toBe(LATE);
    expect(late).toEqual([false, true]);
  });

  it('lets no more than so many wait once an answer is overdue', async () => {
    const { clock, wait } = setUp();
    const first = settle(wait.run(never));
    await clock.pass(TIMEOUT);
    expect(await first).toBe(LATE);
    let asked = 0;
    const ask = () => {
      asked += 1;
      return never();
    };
    const all = Array.from({ length: 100 }, () => settle(wait.run(ask)));
    // And the one that tries.
    expect(asked).toBe(MAX_UNANSWERED);
    await clock.pass(TIMEOUT);
    expect((await Promise.all(all)).filter(message => message === LATE)).toHaveLength(asked);
  });

  it('still counts the overdue ones after an answer in time, which shows nothing of them', async () => {
    const { clock, wait } = setUp();
    const overdue = Array.from({ length: 10 }, () => settle(wait.run(never)));
    await clock.pass(TIMEOUT);
    await Promise.all(overdue);
    expect(await wait.run(() => Promise.resolve(1))).toBe(1);
    let asked = 0;
    const ask = () => {
      asked += 1;
      return never();
    };
    const all = Array.from({ length: MAX_UNANSWERED }, () => settle(wait.run(ask)));
    // And the one that tries.
    expect(asked).toBe(MAX_UNANSWERED - 10 + 1);
    await clock.pass(TIMEOUT);
    await Promise.all(all);
  });

  it('lets any number wait while none is overdue, and counts no answer as a wait', async () => {
    const { clock, wait } = setUp();
    const gate = deferred<string>();
    const all = Array.from({ length: 10 * MAX_UNANSWERED }, () => wait.run(() => gate.promise));
    gate.resolve('answered');
    expect(new Set(await Promise.all(all))).toEqual(new Set(['answered']));
    const late = settle(wait.run(never));
    await clock.pass(TIMEOUT);
    expect(await late).toBe(LATE);
    const both = [wait.run(() => Promise.resolve(1)), wait.run(() => Promise.resolve(2))];
    expect(await Promise.all(both)).toEqual([1, 2]);
  });

  it('rejects at once while too many answers are overdue, but lets one at a time try', async () => {
    const { clock, wait } = await silent();
    let tries = 0;
    const attempt = () => {
      tries += 1;
      return never();
    };
    for (let round = 1; round <= 3; round += 1) {
      const trying = settle(wait.run(attempt));
      expect(await settle(wait.run(attempt))).toBe(REFUSED);
      await clock.pass(TIMEOUT);
      expect(await trying).toBe(LATE);
      expect(tries).toBe(round);
    }
  });

  it.each([
    ['a value', () => Promise.resolve('back')],
    ['an error', () => Promise.reject(new Error('LOADING'))],
  ])('lets all through after a try is answered with %s, though others hang', async (_, answer) => {
    const { wait } = await silent();
    await settle(wait.run(answer));
    const work = (value: number) => () => Promise.resolve(value);
    expect(await Promise.all([1, 2, 3].map(n => wait.run(work(n))))).toEqual([1, 2, 3]);
  });

  it('counts an answer that came after all', async () => {
    const { clock, wait } = setUp();
    const gate = deferred();
    const late = Array.from({ length: MAX_UNANSWERED }, () => settle(wait.run(() => gate.promise)));
    await clock.pass(TIMEOUT);
    await Promise.all(late);
    gate.resolve();
    await clock.pass(0);
    const both = [wait.run(() => Promise.resolve(1)), wait.run(() => Promise.resolve(2))];
    expect(await Promise.all(both)).toEqual([1, 2]);
  });

  it('counts answers from before the server came back no more', async () => {
    const { clock, wait } = setUp();
    const gate = deferred();
    const late = Array.from({ length: MAX_UNANSWERED }, () => settle(wait.run(() => gate.promise)));
    await clock.pass(TIMEOUT);
    await Promise.all(late);
    await wait.run(() => Promise.resolve('back'));
    gate.resolve();
    await clock.pass(0);
    const hanging = Array.from({ length: MAX_UNANSWERED }, () => settle(wait.run(never)));
    await clock.pass(TIMEOUT);
    await Promise.all(hanging);
    const trying = settle(wait.run(never));
    expect(await settle(wait.run(never))).toBe(REFUSED);
    await clock.pass(TIMEOUT);
    expect(await trying).toBe(LATE);
  });

  it('does not blame the server when the event loop stood still', async () => {
    const { clock, wait } = setUp();
    const gate = deferred<string>();
    const asked = settle(wait.run(() => gate.promise));
    clock.standStill(10 * TIMEOUT);
    // The timer is called first, as in Node; then the answer that has been there for long is read.
    await clock.pass(0);
    gate.resolve('answered in time');
    expect(await asked).toBe('answered in time');
    expect(clock.pending).toBe(0);
  });

  it.each([
    [TIMEOUT / 2, LATE],
    [TIMEOUT / 2 + 1, 'answered in time'],
  ])('takes a timer that is %i ms late for that: %s', async (lateness, result) => {
    const { clock, wait } = setUp();
    const gate = deferred<string>();
    const asked = settle(wait.run(() => gate.promise));
    clock.standStill(TIMEOUT + lateness);
    await clock.pass(0);
    gate.resolve('answered in time');
    expect(await asked).toBe(result);
  });

  it('gives an answer one more turn, not for ever', async () => {
    const { clock, wait } = setUp();
    const asked = settle(wait.run(never));
    clock.standStill(10 * TIMEOUT);
    await clock.pass(TIMEOUT);
    expect(await asked).toBe(LATE);
  });
});
