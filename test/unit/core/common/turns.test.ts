import { expect, it } from 'vitest';
import { Turns } from '../../../../lib/core/common/turns.js';
import { deferred } from '../../../support/deferred.js';

/** Operations that note when they begin, and end when the test says so. */
function start(max: number) {
  const turns = new Turns(max);
  const begun: string[] = [];
  const run = (name: string) => {
    const gate = deferred<string>();
    const result = turns.run(() => {
      begun.push(name);
      return gate.promise;
    });
    return { ...gate, result };
  };
  return { turns, begun, run };
}
const turn = () => new Promise(resolve => setImmediate(resolve));

it('runs so many at once, and the others in order of arrival', async () => {
  const { turns, begun, run } = start(2);
  const [a, b, c, d] = [run('a'), run('b'), run('c'), run('d')];
  expect([begun, turns.waiting]).toEqual([['a', 'b'], 2]);
  b.resolve('done');
  expect(await b.result).toBe('done');
  await turn();
  expect([begun, turns.waiting]).toEqual([['a', 'b', 'c'], 1]);
  c.resolve('done');
  await c.result;
  await turn();
  expect([begun, turns.waiting]).toEqual([['a', 'b', 'c', 'd'], 0]);
  for (const one of [a, d]) one.resolve('done');
});

it('gives a place free when an operation fails, and no more places than there are', async () => {
  const { begun, run } = start(1);
  const [a, b] = [run('a'), run('b')];
  a.reject(new Error('no'));
  await expect(a.result).rejects.toThrow('no');
  b.resolve('done');
  await b.result;
  run('c');
  run('d');
  await turn();
  expect(begun).toEqual(['a', 'b', 'c']);
});
