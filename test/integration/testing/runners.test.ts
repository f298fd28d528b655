import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { builtPackage, transpile } from '../../support/built-package.js';

const run = promisify(execFile);
const example = fileURLToPath(new URL('examples/node-test.example.ts', import.meta.url));

/** In a package of its own that depends on this one. */
function placeExample(): string {
  const folder = join(builtPackage(), 'tests');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'node-test.example.js');
  writeFileSync(path, transpile(example));
  return path;
}

describe('the test kit', () => {
  it('works under node:test', async () => {
    const args = ['--test', '--test-reporter=tap', placeExample()];
    // Without its own variables, node:test takes itself for a child of the runner that it is in.
    const { stdout } = await run(process.execPath, args, { env: { PATH: process.env['PATH'] } });
    expect(stdout).toMatch(/# pass 2\n# fail 0\n/);
  });

  it('needs nothing but the peers', () => {
    const { dependencies, peerDependencies } = JSON.parse(
      readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
    ) as Record<'dependencies' | 'peerDependencies', Record<string, string>>;
    const allowed = Object.keys({ ...dependencies, ...peerDependencies });
    const imported = importedPackages(new URL('../../../lib/testing/index.ts', import.meta.url));
    expect(imported).toContain('class-validator');
    expect([...imported].filter(name => !allowed.includes(name))).toEqual([]);
    expect(imported).not.toContain('commander');
  });
});

/** Names of the packages that a source file imports, itself or through others. */
function importedPackages(url: URL, names = new Set<string>(), seen = new Set<string>()) {
  if (seen.has(url.href)) return names;
  seen.add(url.href);
  for (const [, path = ''] of readFileSync(url, 'utf8').matchAll(/(?:from|import) '([^']+)'/g)) {
    if (path.startsWith('.')) {
      importedPackages(new URL(path.replace(/\.js$/, '.ts'), url), names, seen);
    } else if (!path.startsWith('node:')) {
      names.add(/^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path);
    }
  }
  return names;
}
