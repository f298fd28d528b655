import { beforeEach, expect, it } from 'vitest';
import { EventQueue } from '../../../lib/bullmq/event-queue.js';
import type { NewJob } from '../../../lib/bullmq/new-jobs.js';
import { resolveBullOptions } from '../../../lib/bullmq/resolve-bull-options.js';
import { ManualClock } from '../../support/manual-clock.js';
import { verified } from '../../support/verified.js';

const event = { delivery: verified('{}'), key: 'key', payload: { call_id: 'call_1' } };
const options = resolveBullOptions(
  { connection: {}, persistTimeout: 300, attempts: 4, backoff: { delay: 7 } },
  'q',
);

let clock: ManualClock;
let added: NewJob[];
let answer: Promise<unknown>;
let isStrict: Record<string, boolean>;
let queue: EventQueue;

beforeEach(() => {
  clock = new ManualClock();
  [added, answer, isStrict] = [[], Promise.resolve(), {}];
  const add = (name: string, data: NewJob['data'], opts: NewJob['opts']) => {
    added.push({ name, data, opts });
    return answer;
  };
  const endpoints = { isStrict: (name: string) => isStrict[name] } as never;
  queue = new EventQueue({ add, backend: undefined } as never, options, endpoints, clock);
});

it('adds a job for each handler', async () => {
  await queue.add(event, ['save', 'bill']);
  expect(added).toMatchObject([
    { name: 'save · call_1 · evt_1', data: { handler: 'save', key: 'key', id: 'evt_1' } },
    { name: 'bill · call_1 · evt_1', data: { handler: 'bill', key: 'key', id: 'evt_1' } },
  ]);
  const [save, bill] = added.map(({ opts }) => opts!);
  expect(save).toMatchObject({ attempts: 4, backoff: { type: 'exponential', delay: 7 } });
  expect(save!.jobId).not.toBe(bill!.jobId);
});

it('adds nothing where nothing handles the event', async () => {
  await queue.add(event, []);
  expect(added).toEqual([]);
});

it.each([
  ['strictly', { default: true }, true],
  ['leniently', { default: false }, false],
  ['by another process', {}, false],
])('adds one job for a rejected delivery that was checked %s', async (_how, given, strict) => {
  isStrict = given;
  await queue.addRejected(event.delivery);
  const data = { rejected: true, strict, id: 'evt_1' };
  expect(added).toMatchObject([{ name: '(rejected) · evt_1', data, opts: { attempts: 4 } }]);
});

it.each([
  ['an event', () => queue.add(event, ['save'])],
  ['a refused delivery', () => queue.addRejected(event.delivery)],
])('waits for the record of %s no longer than persistTimeout', async (_what, send) => {
  answer = new Promise(() => undefined);
  let said = '';
  send().catch((error: unknown) => (said = (error as Error).message));
  await clock.pass(299);
  expect(said).toBe('');
  await clock.pass(1);
  expect(said).toBe('The queue has not answered within 300 ms');
});
