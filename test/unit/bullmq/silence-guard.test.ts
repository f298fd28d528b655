import { beforeEach, expect, it } from 'vitest';
import { SilenceGuard } from '../../../lib/bullmq/silence-guard.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { ManualClock } from '../../support/manual-clock.js';

const INTERVAL = 1_000;
const turn = () => new Promise(resolve => setImmediate(resolve));

let clock: ManualClock;
let guard: SilenceGuard;
let answers: Deferred[];
let silences: Error[];
const ask = () => {
  const answer = deferred();
  answers.push(answer);
  return answer.promise;
};
const watch = () => guard.watch(ask, error => silences.push(error));

beforeEach(() => {
  clock = new ManualClock();
  guard = new SilenceGuard(clock, INTERVAL);
  [answers, silences] = [[], []];
});

it('asks again as long after each answer', async () => {
  watch();
  await clock.pass(INTERVAL - 1);
  expect(answers).toHaveLength(0);
  await clock.pass(1);
  expect(answers).toHaveLength(1);
  await clock.pass(10 * INTERVAL);
  expect(answers).toHaveLength(1);
  answers[0]!.resolve();
  await clock.pass(INTERVAL);
  expect(answers).toHaveLength(2);
  expect(silences).toEqual([]);
});

it('reports once that no answer came, and asks no more', async () => {
  watch();
  await clock.pass(INTERVAL);
  const silence = new Error('Query read timeout');
  answers[0]!.reject(silence);
  await clock.pass(10 * INTERVAL);
  expect(silences).toEqual([silence]);
  expect(answers).toHaveLength(1);
});

it.each(['stopped', 'watching something else'])(
  'reports nothing of what it asked before, once it is %s',
  async what => {
    watch();
    await clock.pass(INTERVAL);
    if (what === 'stopped') guard.stop();
    else watch();
    answers[0]!.reject(new Error('late'));
    await turn();
    expect(silences).toEqual([]);
    expect(clock.pending).toBe(what === 'stopped' ? 0 : 1);
  },
);

it('asks nothing once it is stopped', async () => {
  watch();
  guard.stop();
  await clock.pass(INTERVAL);
  expect(answers).toEqual([]);
  watch();
  await clock.pass(INTERVAL);
  guard.stop();
  answers[0]!.resolve();
  await clock.pass(INTERVAL);
  expect(answers).toHaveLength(1);
});
