import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { holds } from '../../support/holds.js';
import { ROOT } from './sources.js';

it('has every property checked by holds(), which counts the cases', () => {
  const folder = join(ROOT, 'test');
  const direct = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !path.endsWith('properties.test.ts'))
    .filter(path => /\bfc\.(assert|check)\(/.test(readFileSync(join(folder, path), 'utf8')));
  expect(direct).toEqual(['support/holds.ts']);
});

it('has a property fail that was checked in too few cases, or in none', async () => {
  await expect(holds(fc.property(fc.nat(), () => fc.pre(false)))).rejects.toThrow('pre-condition');
  fc.configureGlobal({ plugins: [fc.interruptAfterTimeLimit(200)] } as fc.GlobalParameters);
  let cases = 0;
  const property = fc.asyncProperty(fc.nat(), () => {
    cases += 1;
    return cases < 3 ? Promise.resolve() : new Promise<void>(() => undefined);
  });
  await expect(holds(property).finally(() => fc.resetConfigureGlobal())).rejects.toThrow(
    'cases of seed',
  );
});

it('has a failure name its seed', async () => {
  const failing = holds(
    fc.property(fc.nat(), number => number < 10),
    1_000,
    42,
  );
  await expect(failing).rejects.toThrow(/seed: 42[\s\S]*Counterexample: \[10\]/);
});
