import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it, vi } from 'vitest';
import type { CommandContext } from '../../../lib/cli/command-context.js';
import { listenCommand } from '../../../lib/cli/listen/listen.command.js';
import { Terminal } from '../../../lib/cli/terminal.js';
import { SECRET } from '../../support/app.js';
import { builtPackage } from '../../support/built-package.js';
import {
  jsonLines,
  runCli,
  startCli,
  temporaryFolder,
  type RunningCli,
} from '../../support/cli.js';
import { genuine, post } from '../../support/send.js';

const WAIT = { timeout: 60_000, interval: 20 };

async function startListening(...args: string[]): Promise<RunningCli & { url: string }> {
  const cli = startCli(['listen', '--port', '0', ...args]);
  const url = await vi.waitFor(() => {
    const found = /http:\/\/127\.0\.0\.1:\d+\/[\w/]*/.exec(cli.stdout())?.[0];
    if (found === undefined) throw new Error(`Not listening yet: ${cli.stderr()}`);
    return found;
  }, WAIT);
  return { ...cli, url };
}

async function stop(cli: RunningCli) {
  cli.process.kill('SIGINT');
  const result = await cli.ended;
  expect(result.stdout + result.stderr).not.toContain(SECRET);
  return result;
}

describe('listen', () => {
  it('shows a call with its conversation, and the outcome of each delivery', async () => {
    const cli = await startListening();
    expect(cli.url).toMatch(/\/webhooks\/revrag$/);
    const body = callEnded({
      call_id: 'call_1',
      summary: 'A\u001b[31m red\u0007 summary\u009b1m \u202egnp\u2066',
      transcription: {
        messages: [
          { role: 'assistant', content: `${'long words '.repeat(30)}end` },
          { role: 'user', content: 'first line\nsecond line' },
        ],
      },
    });
    const delivery = genuine({ body, id: 'evt_1' });
    expect(await post(cli.url, delivery)).toMatchObject({ body: { status: 'processed' } });
    expect(await post(cli.url, delivery)).toMatchObject({ body: { status: 'duplicate' } });
    expect(await post(cli.url, genuine({ secret: 'another' }))).toMatchObject({ status: 401 });
    expect(
      await post(cli.url, genuine({ body: { a: ['b'] }, type: 'call.started' })),
    ).toMatchObject({ status: 200 });
    const { code, stdout, stderr } = await stop(cli);
    expect(code).toBe(0);
    expect(stdout).toContain('call.ended  evt_1');
    for (const field of [
      /call {8}call_1\n/,
      /agent {7}33333333-3333-3333-3333-333333333333\n/,
      /duration {4}1 min 12 s\n/,
      /summary {5}A\?\[31m red\? summary\?1m \?gnp\?\n/,
      /extracted {3}interested_in_loan = true\n/,
      /variables {3}plan = "gold"\n/,
      /user {8}first line\n {14}second line\n/,
      /assistant {3}long words/,
    ]) {
      expect(stdout).toMatch(field);
    }
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(120);
    expect(stdout).toMatch(/"a": \[\n\s+"b"/);
    expect(stdout).not.toContain('\u001b');
    expect(stderr).toContain('call.ended evt_1 on default: duplicate');
    expect(stderr).toContain('signature_mismatch');
  });

  it('saves the exact bytes with their headers, for "send --replay" and for "verify"', async () => {
    const folder = join(temporaryFolder(), 'a', 'received');
    const cli = await startListening('--save', folder, '--path', '/hooks/calls');
    expect(cli.url).toMatch(/\/hooks\/calls$/);
    const bodies = [
      Buffer.from(
        '\ufeff{ "call_status":"ENDED","call_id":"a","agent_id":"é","duration":72.0 }\r\n',
      ),
      Buffer.from(JSON.stringify(callEnded())),
    ];
    const ids = ['../../evt/1', 'evt_2'];
    for (const [index, body] of bodies.entries()) {
      const delivery = genuine({ body, id: ids[index] as string });
      const headers = {
        ...delivery.headers,
        authorization: 'Basic private',
        'proxy-authorization': 'Basic private',
        cookie: 'session=private',
      };
      expect(await post(cli.url, { body, headers })).toMatchObject({ status: 200 });
    }
    const replayed = ['send', cli.url, '--replay', folder, '--json'];
    const again = jsonLines((await runCli(replayed)).stdout);
    expect(again).toMatchObject([
      { id: ids[0], answer: 'duplicate' },
      { id: ids[1], answer: 'duplicate' },
      { kind: 'summary', sent: 2 },
    ]);
    await stop(cli);
    const names = readdirSync(folder).sort();
    expect(names).toHaveLength(4);
    expect(readdirSync(join(folder, '..'))).toEqual(['received']);
    expect(readFileSync(join(folder, names[0]!))).toEqual(bodies[0]);
    expect(readFileSync(join(folder, names[2]!))).toEqual(bodies[1]);
    expect(readFileSync(join(folder, names[1]!), 'utf8')).not.toContain('private');
    const verified = [
      'verify',
      '--headers',
      join(folder, names[1]!),
      '--body',
      join(folder, names[0]!),
    ];
    expect((await runCli(verified)).code).toBe(0);
  });

  it('is sent what was saved with a fresh signature, byte for byte', async () => {
    const [saved, copied] = [temporaryFolder(), temporaryFolder()];
    const body = Buffer.from(
      '{"call_status":"ENDED","call_id":"c","agent_id":"é" , "duration":72.0}\n',
    );
    const delivery = genuine({ body, id: 'evt_old', timestamp: 1_700_000_000, type: 'call.ended' });
    writeFileSync(join(saved, '1.headers.json'), JSON.stringify(delivery.headers));
    writeFileSync(join(saved, '1.body.json'), body);
    const cli = await startListening('--save', copied);
    expect((await runCli(['send', cli.url, '--replay', saved])).code).toBe(0);
    const renamed = ['send', cli.url, '--replay', saved, '--new-ids', '--json'];
    const [fresh] = jsonLines((await runCli(renamed)).stdout);
    expect(fresh).toMatchObject({ answer: 'processed' });
    expect(fresh!['id']).not.toBe('evt_old');
    await stop(cli);
    const names = readdirSync(copied).sort();
    expect(names).toHaveLength(4);
    const [first, second] = names.filter(each => each.endsWith('.body.json'));
    expect(readFileSync(join(copied, first!))).toEqual(body);
    // Another call, and no other byte changed.
    const renewed = readFileSync(join(copied, second!), 'utf8');
    expect(renewed).toMatch(/"call_id":"[0-9a-f-]{36}","agent_id":"é" ,/);
    expect(renewed.replace(/[0-9a-f-]{36}/, 'c')).toBe(body.toString());
    const headers = JSON.parse(readFileSync(join(copied, names[1]!), 'utf8')) as Record<
      string,
      string
    >;
    expect(headers['x-webhook-id']).toBe('evt_old');
    expect(Number(headers['x-webhook-timestamp'])).toBeGreaterThan(1_700_000_000);
  });

  it('writes an event a line with --json, and answers 500 where it can not be saved', async () => {
    const folder = temporaryFolder();
    const gone = join(folder, 'gone');
    const cli = await startListening('--json', '--save', gone);
    expect(await post(cli.url, genuine({ id: 'evt_1' }))).toMatchObject({ status: 200 });
    rmSync(gone, { recursive: true });
    expect(await post(cli.url, genuine({ id: 'evt_2', body: callEnded() }))).toMatchObject({
      status: 500,
    });
    mkdirSync(gone);
    expect(await post(cli.url, genuine({ id: 'evt_2', body: callEnded() }))).toMatchObject({
      status: 200,
    });
    const { stdout, stderr } = await stop(cli);
    expect(jsonLines(stdout)).toMatchObject([
      { kind: 'listening', url: cli.url },
      { kind: 'event', id: 'evt_1', type: 'call.ended', payload: { duration: 72 } },
      { kind: 'event', id: 'evt_2', type: 'call.ended', payload: { duration: 72 } },
    ]);
    expect(stderr).toContain(`Can't write ${gone} (ENOENT)`);
  });

  it('takes several secrets, and a tolerance', async () => {
    const cli = await startListening(
      '--secret',
      'older secret',
      '--secret',
      SECRET,
      '--tolerance',
      '1000',
    );
    const old = new Date(Date.now() - 900_000);
    for (const secret of ['older secret', SECRET]) {
      expect(await post(cli.url, genuine({ secret, timestamp: old }))).toMatchObject({
        status: 200,
      });
    }
    await stop(cli);
  });

  it('ends if it is interrupted while it starts', async () => {
    const [out, codes] = [new PassThrough(), [] as number[]];
    const context: CommandContext = {
      terminal: new Terminal(out, out),
      signal: AbortSignal.abort(),
      exit: code => codes.push(code),
    };
    const args = ['--secret', SECRET, '--port', '0'];
    await listenCommand(context).parseAsync(args, { from: 'user' });
    expect(codes).toEqual([0]);
  });

  it('says what to do where it can not start', async () => {
    const taken = createServer();
    await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const busy = await runCli(['listen', '--port', String(port)]);
    taken.close();
    expect(busy).toMatchObject({ code: 2 });
    expect(busy.stderr).toMatch(new RegExp(`^error: Port ${port} is taken`));
    const foreign = await runCli(['listen', '--port', '0', '--host', '203.0.113.7']);
    expect(foreign).toMatchObject({ code: 2 });
    expect(foreign.stderr).toContain('--host');
    const path = await runCli(['listen', '--port', '0', '--path', 'calls/*']);
    expect(path).toMatchObject({ code: 2 });
    expect(path.stderr).toContain('path of text');
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const save = await runCli(['listen', '--port', '0', '--save', join(file, 'x')]);
    expect(save).toMatchObject({ code: 2 });
    expect(save.stderr).toContain("Can't write");
    // Node's own recursive mkdir() never returns there.
    const nowhere = await runCli(['listen', '--port', '0', '--save', '/proc/nowhere/a']);
    expect(nowhere).toMatchObject({ code: 2, stdout: '' });
    expect(nowhere.stderr.match(/Can't write/g)).toHaveLength(1);
    const padded = await runCli(['listen', '--port', '0', '--secret', `${SECRET} `]);
    expect(padded).toMatchObject({ code: 2 });
    expect(padded.stderr).toContain('white space around it');
  });
});

describe('without the peers', () => {
  it('"listen" says what to install; "send" and --help do without', async () => {
    const installedIn = temporaryFolder();
    const packages = join(installedIn, 'node_modules');
    cpSync(join(builtPackage(), 'node_modules'), packages, { recursive: true });
    const commander = new URL('../../../node_modules/commander', import.meta.url);
    symlinkSync(fileURLToPath(commander), join(packages, 'commander'), 'junction');
    const env = { REVRAG_WEBHOOK_SECRET: SECRET };
    const listening = await runCli(['listen', '--port', '0'], { installedIn, env });
    expect(listening).toMatchObject({ code: 2 });
    expect(listening.stderr).toContain('npm install @nestjs/core @nestjs/platform-express');
    expect(await runCli(['--help'], { installedIn })).toMatchObject({ code: 0 });
    const cli = await startListening();
    expect(await runCli(['send', cli.url], { installedIn, env })).toMatchObject({ code: 0 });
    await stop(cli);
  });
});

describe('send --replay', () => {
  it('says what is wrong with a folder', async () => {
    const folder = temporaryFolder();
    const replay = () => runCli(['send', 'http://127.0.0.1:1', '--replay', folder]);
    expect((await replay()).stderr).toContain(`There is no delivery in ${folder}.`);
    writeFileSync(join(folder, '1.headers.json'), '[]');
    expect((await replay()).stderr).toContain("Can't read");
    writeFileSync(join(folder, '1.body.json'), '{}');
    expect((await replay()).stderr).toContain('not a JSON object of headers');
    writeFileSync(join(folder, '1.headers.json'), '{"x-webhook-id":"evt_1"}');
    const { code, stderr } = await replay();
    expect(code).toBe(2);
    expect(stderr).toContain('no X-Webhook-Event');
    const missing = await runCli(['send', 'http://127.0.0.1:1', '--replay', join(folder, 'none')]);
    expect(missing).toMatchObject({ code: 2 });
  });
});
