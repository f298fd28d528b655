import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signDelivery } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { SECRET } from '../../support/app.js';
import { runCli, temporaryFolder } from '../../support/cli.js';

describe('revrag-webhook', () => {
  it('prints its help where no command is given, and says that this is wrong', async () => {
    const { code, stderr } = await runCli([]);
    expect(code).toBe(2);
    for (const command of ['send', 'verify', 'listen']) expect(stderr).toContain(`\n  ${command} `);
  });

  it.each([
    ['--help', ['Commands:', 'Examples:', 'Exit codes:']],
    ['send --help', ['--replay <folder>', 'Examples:', 'Exit codes:', '130']],
    ['verify --help', ['--tolerance <seconds>', 'Examples:', 'Exit codes:']],
    ['listen --help', ['--save <folder>', 'Examples:', 'Exit codes:']],
  ])('%s has options, examples and exit codes', async (args, expected) => {
    const { code, stdout } = await runCli(args.split(' '));
    expect(code).toBe(0);
    for (const text of expected) expect(stdout).toContain(text);
    expect(stdout.split('\n').filter(line => line.length > 80)).toEqual([]);
  });

  it('tells its version', async () => {
    const file = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(file) as { version: string };
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    ['an unknown command', ['sned', 'http://localhost'], 'Did you mean send?'],
    ['an unknown option', ['send', 'http://localhost', '--repaet', '3'], 'Did you mean --repeat?'],
    ['an option without its value', ['send', 'http://localhost', '--id'], "'--id <id>'"],
    ['no URL', ['send'], "missing required argument 'url'"],
    ['a number out of bounds', ['send', 'http://localhost', '--concurrency', '0'], 'from 1 to 500'],
    ['text for a number', ['listen', '--port', 'eighty'], 'from 0 to 65535'],
    ['a part that is none', ['send', 'http://localhost', '--tamper', 'url'], 'body, timestamp'],
    ['a time that is none', ['send', 'http://localhost', '--timestamp', 'noon'], 'ISO 8601'],
    ['an id that is no header', ['send', 'http://localhost', '--id', 'a\nb'], 'header'],
    [
      'options that exclude each other',
      ['send', 'http://localhost', '--file', 'a', '--messages', '1'],
      "cannot be used with option '--messages",
    ],
    ['a replay with an id', ['send', 'http://x', '--replay', 'a', '--id', 'b'], "'--id"],
  ])('refuses %s with exit code 2', async (_what, args, expected) => {
    const { code, stdout, stderr } = await runCli(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(expected);
  });

  it.each([
    ['send', ['send', 'http://localhost']],
    ['verify', ['verify', 'request.txt']],
    ['listen', ['listen']],
  ])('%s says where a missing secret goes', async (_command, args) => {
    for (const env of [{}, { REVRAG_WEBHOOK_SECRET: '  ' }] as Record<string, string>[]) {
      const { code, stderr } = await runCli(args, { env });
      expect(code).toBe(2);
      expect(stderr).toContain('REVRAG_WEBHOOK_SECRET');
    }
  });

  it('names the variable as the shell at hand sets it', async () => {
    const posix = await runCli(['listen'], { env: {} });
    expect(posix.stderr).toContain("export REVRAG_WEBHOOK_SECRET='");
    const powershell = await runCli(['listen'], { env: { PSModulePath: '/modules' } });
    expect(powershell.stderr).toContain("$env:REVRAG_WEBHOOK_SECRET = '");
  });

  it('reads the secret from .env, says so, and never shows it', async () => {
    const cwd = temporaryFolder();
    const verify = (env: Record<string, string>) =>
      runCli(['verify', '-'], { cwd, env, input: genuineAsText() });
    expect(await verify({})).toMatchObject({ code: 2 });
    writeFileSync(join(cwd, '.env'), `OTHER=1\nREVRAG_WEBHOOK_SECRET="${SECRET}" # agreed on\n`);
    const read = await verify({});
    expect(read).toMatchObject({ code: 0 });
    expect(read.stderr).toBe('REVRAG_WEBHOOK_SECRET was read from .env.\n');
    // What is set goes before what is in a file.
    const set = await verify({ REVRAG_WEBHOOK_SECRET: 'another secret' });
    expect(set).toMatchObject({ code: 1, stderr: '' });
    writeFileSync(join(cwd, '.env'), 'REVRAG_WEBHOOK_SECRET=\n');
    const empty = await verify({});
    expect(empty).toMatchObject({ code: 2 });
    expect(empty.stderr).toContain('REVRAG_WEBHOOK_SECRET in .env');
  });

  it('says why .env cannot be read', async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, '.env'));
    const { code, stderr } = await runCli(['verify', '-'], { cwd, env: {} });
    expect(code).toBe(2);
    expect(stderr).toContain("Can't read .env (EISDIR).\nIt is a folder; a file is needed.");
  });

  it('keeps a secret to itself that was given with a mistyped option', async () => {
    for (const option of [`--secrt=${SECRET}`, `--sceret=${SECRET}`]) {
      const { code, stderr } = await runCli(['send', 'http://localhost', option]);
      expect(code).toBe(2);
      expect(stderr).toContain('unknown option');
    }
  });

  it('writes no control sequences where nobody watches, whatever FORCE_COLOR says', async () => {
    const env = { REVRAG_WEBHOOK_SECRET: SECRET, FORCE_COLOR: '1' };
    const missing = `${temporaryFolder()}/none.txt`;
    const { stdout, stderr } = await runCli(['verify', missing], { env });
    expect(stdout + stderr).not.toContain('\u001b');
    expect(stderr).toContain(`Can't read ${missing} (ENOENT)`);
  });

  it('is not loaded by the entry points of the library', () => {
    for (const entry of ['index.ts', 'testing/index.ts']) {
      const loaded = [...reachable(new URL(`../../../lib/${entry}`, import.meta.url))];
      expect(loaded.length).toBeGreaterThan(5);
      expect(loaded.filter(url => url.includes('/lib/cli/'))).toEqual([]);
    }
  });
});

function genuineAsText(): string {
  const { body, headers } = signDelivery({ secret: SECRET });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [...lines, '', body].join('\r\n');
}

function reachable(url: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(url.href)) return seen;
  seen.add(url.href);
  const text = readFileSync(url, 'utf8');
  for (const [, path = ''] of text.matchAll(/from '(\..*)\.js'/g)) {
    reachable(new URL(`${path}.ts`, url), seen);
  }
  return seen;
}
