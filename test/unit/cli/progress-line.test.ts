import { describe, expect, it } from 'vitest';
import { progressLine } from '../../../lib/cli/send/progress-line.js';

const draw = (width: number, failed = 12) => {
  const parts = progressLine({ sent: 500, total: 1000, failed }, width);
  return parts.bar + parts.counts + parts.failed;
};

describe('progressLine', () => {
  it('never takes more than the terminal has', () => {
    for (let width = 0; width <= 120; width += 1) {
      expect(draw(width).length).toBeLessThanOrEqual(width);
      expect(draw(width, 0).length).toBeLessThanOrEqual(width);
    }
  });

  it('shrinks the bar, then leaves it out, then the failures', () => {
    expect(draw(79)).toBe(`${'█'.repeat(15)}${'░'.repeat(15)} 500/1000  12 failed`);
    expect(draw(31)).toBe('██████░░░░░ 500/1000  12 failed');
    expect(draw(22)).toBe('500/1000  12 failed');
    expect(draw(12)).toBe('500/1000');
  });
});
