import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

interface Manifest {
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** Those of every Nest app, in whichever versions Nest wants them, and those that share a line. */
const UNNAMED = [
  'reflect-metadata',
  'rxjs',
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
];

it('are in the README as in package.json', () => {
  const { engines, peerDependencies } = JSON.parse(read('package.json')) as Manifest;
  const [, section = ''] = read('README.md').split(/^## Versions$/m);
  const rows = section.matchAll(/^\| (\S.*?) +\| `(.*?)` +\|.*\|$/gm);
  const shown = Object.fromEntries(
    [...rows].flatMap(([, names = '', range = '']) => {
      const packages = [...names.matchAll(/`(.+?)`/g)].map(([, name]) => name);
      return (packages.length > 0 ? packages : [names]).map(name => [
        name,
        range.replaceAll('\\|', '|'),
      ]);
    }),
  ) as Record<string, string>;
  const named = Object.entries(peerDependencies).filter(([name]) => !UNNAMED.includes(name));
  expect(shown).toEqual({ Node: engines.node, ...Object.fromEntries(named) });
});
