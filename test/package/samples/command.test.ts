import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

interface Command {
  readonly child: ChildProcess;
  readonly output: () => string;
}

function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
  stdin: 'pipe' | 'ignore' = 'ignore',
): Command {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, REVRAG_WEBHOOK_SECRET: undefined, NO_COLOR: '1', ...env },
    stdio: [stdin, 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => (output += data.toString()));
  }
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, output: () => output };
}

async function takePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Without a request: those that keep coming on one connection keep a closing server open. */
const listens = (url: string): Promise<boolean> =>
  new Promise(resolve => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });

describe('npm run sample [pitfall 46]', { timeout: 120_000 }, () => {
  it.each(['npm', 'stdin'])(
    'says what it does, takes another port than one that is taken, and ends with %s',
    async gone => {
      const taken = await takePort();
      const { child, output } = run(
        'npm',
        ['run', 'sample', '--', 'basic'],
        { PORT: String(taken) },
        gone === 'stdin' ? 'pipe' : 'ignore',
      );
      const next = /^ {2}npx (revrag-webhook) send (http:\S+) --secret (\S+)\s*$/m;
      await eventually(() => next.test(output()), 'The line to try next', 100_000);
      expect(output()).toContain(`Port ${taken} is taken: using `);
      expect(output()).toContain('Starting 01-basic');
      const [, , url = '', secret = ''] = next.exec(output()) ?? [];
      expect(url).not.toContain(`:${taken}/`);

      const { child: send, output: sent } = run(process.execPath, [
        'dist/cli/main.js',
        'send',
        url,
        '--secret',
        secret,
      ]);
      expect(await once(send, 'close')).toEqual([0, null]);
      expect(sent()).toMatch(/^200 processed/);

      if (gone === 'npm') child.kill('SIGKILL');
      else child.stdin?.end();
      await eventually(async () => !(await listens(url)), 'The end');
    },
  );

  it('ends by itself with --once, also without standard input', async () => {
    const { child, output } = run('npm', ['run', 'sample', '--', 'basic', '--once'], {}, 'pipe');
    child.stdin?.end();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(output()).toContain('Four deliveries, 1 call saved.');
  });

  it('names the samples where it does not know one', async () => {
    const { child, output } = run(process.execPath, ['tools/sample.mjs', '99-nothing']);
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(output()).toMatch(/^Name a sample: .*\n {2}01-basic\n {2}02-redis\n/);
  });
});
