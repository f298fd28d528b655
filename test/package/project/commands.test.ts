import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** What follows `vitest run`, in a script or a document, as far as it says what to run. */
const RUN = /\bvitest run ([^\n`"#|]+)/g;

function commandsOf(path: string): [string, string][] {
  return [...read(path).matchAll(RUN)].map(([, args = '']) => [args.trim(), path]);
}

const documents = readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md'));
const commands = ['package.json', 'CONTRIBUTING.md', ...documents.map(name => `docs/${name}`)]
  .flatMap(commandsOf)
  .filter(([args]) => args !== '');

it('are there to be checked', () => {
  expect(commands.map(([, path]) => path)).toContain('package.json');
});

it.each(commands)('vitest run %s, as in %s, finds a test for each path', args => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const argv = args.split(/\s+/);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, 'list', '--filesOnly', ...argv],
    // A worker's environment would make the child one, too.
    { cwd: root, encoding: 'utf8', env: { PATH: process.env.PATH } },
  );
  const paths = argv.filter(arg => arg.startsWith('test/'));
  expect(paths.length).toBeGreaterThan(0);
  for (const path of paths) expect(stdout, stderr).toContain(`] ${path}`);
});
