import { beforeEach, describe, expect, it } from 'vitest';
import { RefusalLimit } from '../../../../lib/core/delivery/refusal-limit.js';
import { ManualClock } from '../../../support/manual-clock.js';

const MINUTE = 60_000;
const KIND = 'missing_header on default';

let clock: ManualClock;
let limit: RefusalLimit;
let reports: number[];
const admit = (kind = KIND) => limit.admit(kind, count => reports.push(count));
const admitted = (count: number, kind = KIND) =>
  Array.from({ length: count }, () => admit(kind)).filter(Boolean).length;

beforeEach(() => {
  clock = new ManualClock();
  limit = new RefusalLimit(clock);
  reports = [];
});

describe('RefusalLimit', () => {
  it('admits ten in a minute from the first, counts the others, and reports them at its end', async () => {
    expect(admitted(10)).toBe(10);
    expect(clock.pending).toBe(0);
    await clock.pass(MINUTE / 2);
    expect(admitted(3)).toBe(0);
    await clock.pass(MINUTE / 2 - 1);
    expect(reports).toEqual([]);
    await clock.pass(1);
    expect(reports).toEqual([3]);
    expect(admitted(11)).toBe(10);
  });

  it('counts each kind by itself', () => {
    admitted(10);
    expect(admitted(1, 'malformed_header on default')).toBe(1);
    expect(admitted(1, 'missing_header on other')).toBe(1);
    expect(admitted(1)).toBe(0);
  });

  it('begins a new minute although the timer of the last one is late', async () => {
    admitted(12);
    clock.standStill(MINUTE);
    expect(admitted(11)).toBe(10);
    expect(reports).toEqual([2]);
    await clock.pass(0);
    expect(reports).toEqual([2]);
    await clock.pass(MINUTE);
    expect(reports).toEqual([2, 1]);
    expect(clock.pending).toBe(0);
  });

  it('reports nothing where all were admitted', async () => {
    admitted(10);
    await clock.pass(MINUTE);
    admitted(1);
    limit.flush();
    expect(reports).toEqual([]);
  });

  it('reports the counts so far when asked to, once', async () => {
    admitted(12);
    admitted(13, 'missing_header on other');
    limit.flush();
    expect(reports).toEqual([2, 3]);
    expect(clock.pending).toBe(0);
    await clock.pass(MINUTE);
    limit.flush();
    expect(reports).toEqual([2, 3]);
  });
});
