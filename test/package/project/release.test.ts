import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const TOOLS = fileURLToPath(new URL('../../../tools', import.meta.url));

describe('tools of the release', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'revrag-release-'));
    mkdirSync(join(folder, 'tools'));
    for (const tool of ['check-release.mjs', 'published-readme.mjs']) {
      cpSync(join(TOOLS, tool), join(folder, 'tools', tool));
    }
    const homepage = 'https://example.com/repository#readme';
    write('package.json', JSON.stringify({ version: '1.2.0', homepage }));
    write(
      'CHANGELOG.md',
      '# Changelog\n\n## Unreleased\n\n## 1.2.0 - 2026-08-01\n\n- New.\n\n## 1.1.0\n\n- Old.\n',
    );
    write('README.md', README);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const README = '[a](docs/a.md#b) ![c](d.svg) [e](https://example.org) [f](#g)\n';
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const run = (tool: string, ...args: string[]) =>
    spawnSync(process.execPath, [join(folder, 'tools', tool), ...args], { encoding: 'utf8' });

  it('refuses a tag that is not the version, or of which nothing is said', () => {
    expect(run('check-release.mjs', 'v1.2.0')).toMatchObject({ status: 0, stdout: '- New.\n' });
    const other = run('check-release.mjs', 'v1.3.0');
    expect(other.status).toBe(1);
    expect(other.stderr).toContain('The tag is v1.3.0, and the version in package.json is 1.2.0.');
    write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n- New.\n');
    const silent = run('check-release.mjs', 'v1.2.0');
    expect(silent.status).toBe(1);
    expect(silent.stderr).toContain('no section "## 1.2.0"');
  });

  it('makes the links of the published README absolute, and brings it back', () => {
    mkdirSync(join(folder, 'node_modules'));
    expect(run('published-readme.mjs').status).toBe(0);
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe(
      '[a](https://example.com/repository/blob/main/docs/a.md#b) ' +
        '![c](https://example.com/repository/blob/main/d.svg) [e](https://example.org) [f](#g)\n',
    );
    expect(run('published-readme.mjs', '--restore').status).toBe(0);
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe(README);
  });
});
