import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../lib/cli/send/attempt.js';
import { Tally } from '../../../lib/cli/send/tally.js';

const attempt = (more: Partial<Attempt>): Attempt => ({ id: 'a', type: 't', ms: 1, ...more });

describe('Tally', () => {
  it.each([
    [1, { p50: 1, p95: 1, p99: 1, max: 1 }],
    [20, { p50: 10, p95: 19, p99: 20, max: 20 }],
    [100, { p50: 50, p95: 95, p99: 99, max: 100 }],
  ])('has percentiles of %i times, in whatever order they came', (count, ms) => {
    const tally = new Tally(false);
    for (let time = count; time >= 1; time -= 1) tally.add(attempt({ status: 200, ms: time }));
    expect(tally.summary().ms).toEqual(ms);
  });

  it('counts by what came, and times what was answered', () => {
    const tally = new Tally(false);
    tally.add(attempt({ error: 'ECONNREFUSED', ms: 900 }));
    tally.add(attempt({ status: 404, ms: 3 }));
    for (let n = 0; n < 2; n += 1) tally.add(attempt({ status: 200, answer: 'processed', ms: 2 }));
    for (const status of [199, 299, 300]) tally.add(attempt({ status }));
    const { answers, ...summary } = tally.summary();
    expect(answers).toEqual({
      '200 processed': 2,
      199: 1,
      299: 1,
      300: 1,
      404: 1,
      ECONNREFUSED: 1,
    });
    expect(summary).toMatchObject({ sent: 7, accepted: 3, refused: 3, unanswered: 1 });
    expect(summary.ms!.max).toBe(3);
    expect([tally.expected, tally.count('unanswered')]).toEqual([3, 1]);
  });

  it('expects of what was tampered with that it is refused with 401, and by nothing else', () => {
    const tally = new Tally(true);
    for (const status of [200, 400, 401, 403, 500]) tally.add(attempt({ status }));
    tally.add(attempt({ error: 'ECONNRESET' }));
    expect(tally.expected).toBe(1);
  });

  it('has no times where nothing was answered', () => {
    expect(new Tally(false).summary()).toMatchObject({ sent: 0, answers: {} });
    expect(new Tally(false).summary()).not.toHaveProperty('ms');
  });
});
