import { expect, it } from 'vitest';
import { JobBatches } from '../../../lib/bullmq/job-batches.js';
import type { NewJob } from '../../../lib/bullmq/queue-writes.js';
import { deferred, type Deferred } from '../../support/deferred.js';

const job = (name: string, body = ''): NewJob => ({
  name,
  data: {
    v: 1,
    rejected: true,
    endpoint: 'default',
    id: name,
    type: '',
    timestamp: 0,
    body,
    deflated: false,
  },
});

/** A queue that answers when the test says so. */
function setUp() {
  const bulks: { names: string[]; answer: Deferred }[] = [];
  const queue = {
    addBulk: async (jobs: readonly NewJob[]) => {
      const answer = deferred();
      bulks.push({ names: jobs.map(({ name }) => name), answer });
      await answer.promise;
      return [];
    },
  };
  const batches = new JobBatches(queue as never);
  return { bulks, batches, names: () => bulks.map(bulk => bulk.names) };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

it('adds in one statement what came while others were under way', async () => {
  const { bulks, batches, names } = setUp();
  const added = ['a', 'b', 'c', 'd'].map(name => batches.add([job(name), job(`${name}2`)]));
  expect(names()).toEqual([
    ['a', 'a2'],
    ['b', 'b2'],
  ]);
  bulks[0]!.answer.resolve();
  await added[0];
  await turn();
  expect(names()[2]).toEqual(['c', 'c2', 'd', 'd2']);
  bulks[1]!.answer.resolve();
  bulks[2]!.answer.resolve();
  await Promise.all(added);
});

it('fails all that a failed statement was to add', async () => {
  const { bulks, batches } = setUp();
  const added = ['a', 'b', 'c', 'd'].map(name => batches.add([job(name)]));
  const all = Promise.allSettled(added);
  bulks[0]!.answer.resolve();
  bulks[1]!.answer.resolve();
  await turn();
  bulks[2]!.answer.reject(new Error('Connection terminated'));
  expect((await all).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
  ]);
});

it('adds one by one what PostgreSQL can not store together', async () => {
  const { bulks, batches, names } = setUp();
  const added = ['a', 'b', 'good', 'bad'].map(name => batches.add([job(name)]));
  const all = Promise.allSettled(added);
  bulks[0]!.answer.resolve();
  bulks[1]!.answer.resolve();
  await turn();
  bulks[2]!.answer.reject(Object.assign(new Error('unsupported'), { code: '22P05' }));
  await turn();
  expect(names().slice(3)).toEqual([['good'], ['bad']]);
  bulks[3]!.answer.resolve();
  bulks[4]!.answer.reject(Object.assign(new Error('unsupported'), { code: '22P05' }));
  expect((await all).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
  ]);
});

it('bounds a statement by its jobs and by their size', async () => {
  const { bulks, batches, names } = setUp();
  const large = 'x'.repeat(600_000);
  void batches.add([job('first')]);
  void batches.add([job('second')]);
  for (const name of ['a', 'b', 'c']) void batches.add([job(name, large)]);
  bulks[0]!.answer.resolve();
  await turn();
  expect(names()[2]).toEqual(['a']);
});
