import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../../lib/bullmq/circuit-breaker.js';
import { ManualClock } from '../../support/manual-clock.js';

const never = () => new Promise<never>(() => undefined);

describe('CircuitBreaker', () => {
  const open = async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker(clock, 1_000);
    const hanging = expect(breaker.run(never)).rejects.toThrow('did not answer within 1000 ms');
    await clock.pass(1_000);
    await hanging;
    return { clock, breaker };
  };

  it('passes on what the operation gives or throws, and leaves no timer', async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker(clock, 1_000);
    expect(await breaker.run(() => Promise.resolve(1))).toBe(1);
    await expect(breaker.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(clock.pending).toBe(0);
  });

  it('lets one at a time try after one that took too long', async () => {
    const { clock, breaker } = await open();
    let tries = 0;
    const attempt = () => {
      tries += 1;
      return never();
    };
    const trying = expect(breaker.run(attempt)).rejects.toThrow('did not answer');
    await expect(breaker.run(attempt)).rejects.toThrow('has not answered lately');
    await clock.pass(1_000);
    await trying;
    expect(tries).toBe(1);
  });

  it('closes when an operation is answered, be it late', async () => {
    const { breaker } = await open();
    expect(await breaker.run(() => Promise.resolve('back'))).toBe('back');
    expect(await Promise.all([1, 2, 3].map(n => breaker.run(() => Promise.resolve(n))))).toEqual([
      ...[1, 2, 3],
    ]);
  });
});
