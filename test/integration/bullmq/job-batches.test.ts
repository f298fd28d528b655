import { expect, it } from 'vitest';
import { JobBatches } from '../../../lib/bullmq/job-batches.js';
import type { NewJob } from '../../../lib/bullmq/new-jobs.js';
import { deferred, type Deferred } from '../../support/deferred.js';

const job = (name: string, body = ''): NewJob => ({
  name,
  data: {
    ...{
      v: 1,
      rejected: true,
      strict: false,
      endpoint: 'default',
      type: 'call.ended',
      timestamp: 0,
    },
    ...{ id: name, body, deflated: false, headers: {}, params: {} },
  },
});

const five = (name: string): NewJob[] => [1, 2, 3, 4, 5].map(index => job(`${name}${index}`));

/** A queue that answers when the test says so. */
function setUp() {
  const statements: { names: string[]; answer: Deferred }[] = [];
  const write = async (names: string[]) => {
    const answer = deferred();
    statements.push({ names, answer });
    await answer.promise;
    return [];
  };
  const queue = {
    add: (name: string) => write([name]),
    addBulk: (jobs: readonly NewJob[]) => write(jobs.map(({ name }) => name)),
  };
  const batches = new JobBatches(queue as never);
  /** Four statements under way, so that the next additions wait. */
  const busy = ['a', 'b', 'c', 'd'].map(name => batches.add([job(name)]));
  const free = async () => {
    for (const { answer } of statements.splice(0)) answer.resolve();
    await Promise.all(busy);
    await turn();
  };
  return { statements, batches, free, names: () => statements.map(({ names }) => names) };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

it('adds in one statement what came while others were under way', async () => {
  const { statements, batches, free, names } = setUp();
  expect(names()).toEqual([['a'], ['b'], ['c'], ['d']]);
  const added = ['x', 'y'].map(name => batches.add(five(name)));
  await free();
  expect(names()).toEqual([[...five('x'), ...five('y')].map(({ name }) => name)]);
  statements[0]!.answer.resolve();
  await Promise.all(added);
});

it('adds a few jobs one by one', async () => {
  const { batches, free, names } = setUp();
  void batches.add([job('x1'), job('x2')]);
  await free();
  expect(names()).toEqual([['x1'], ['x2']]);
});

it('fails all that a failed statement was to add', async () => {
  const { statements, batches, free } = setUp();
  const added = Promise.allSettled(['x', 'y'].map(name => batches.add(five(name))));
  await free();
  statements[0]!.answer.reject(new Error('Connection terminated'));
  expect((await added).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(statements).toHaveLength(1);
});

it('adds delivery by delivery what PostgreSQL can not store together', async () => {
  const { statements, batches, free, names } = setUp();
  const added = Promise.allSettled(['good', 'bad'].map(name => batches.add(five(name))));
  await free();
  const refusal = Object.assign(new Error('unsupported Unicode escape'), { code: '22P05' });
  statements[0]!.answer.reject(refusal);
  await turn();
  expect(names().slice(1)).toEqual(['good', 'bad'].map(name => five(name).map(one => one.name)));
  statements[1]!.answer.resolve();
  statements[2]!.answer.reject(refusal);
  expect((await added).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

it('bounds a statement by the size of its jobs', async () => {
  const { batches, free, names } = setUp();
  const large = 'x'.repeat(600_000);
  for (const name of ['x', 'y']) void batches.add([job(name, large)]);
  await free();
  expect(names()).toEqual([['x'], ['y']]);
});

it('bounds a statement by the number of its jobs', async () => {
  const { batches, free, names } = setUp();
  for (let delivery = 0; delivery < 41; delivery += 1) void batches.add(five('x'));
  await free();
  expect(names().map(({ length }) => length)).toEqual([200, 5]);
});

it('adds in one statement a delivery that is larger than the bounds', async () => {
  const { batches, free, names } = setUp();
  const many = Array.from({ length: 201 }, (_, index) => job(`x${index}`));
  void batches.add(many);
  void batches.add(five('y'));
  await free();
  expect(names().map(({ length }) => length)).toEqual([201, 5]);
});
