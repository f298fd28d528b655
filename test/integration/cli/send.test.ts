import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Delivery, OnRevragEvent, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { SECRET, startApp } from '../../support/app.js';
import { jsonLines, runCli, startCli, temporaryFolder } from '../../support/cli.js';
import { SAMPLE } from '../../support/sample.js';
import { PATH } from '../../support/send.js';
import { TLS_CERTIFICATE, TLS_KEY } from '../../support/tls.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen<T extends Server>(server: T): Promise<string> {
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startEndpoint() {
  const received: { payload: Record<string, unknown>; delivery: Delivery }[] = [];
  @Injectable()
  class Events {
    @OnRevragEvent('*')
    receive(payload: Record<string, unknown>, delivery: Delivery) {
      received.push({ payload, delivery });
    }
  }
  const { url } = await startApp({
    imports: [RevragWebhookModule.forRoot(SECRET)],
    providers: [Events],
  });
  return { url: url + PATH, received };
}

describe('send', () => {
  it('sends a sample call with the secret of the environment, and shows what came of it', async () => {
    const { url, received } = await startEndpoint();
    const { code, stdout, stderr } = await runCli(['send', url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^200 processed {3}call\.ended {2}evt_[\w-]+ {2}[\d.]+ ms\n$/);
    expect(received[0]!.payload).toMatchObject({ call_status: 'ENDED' });
  });

  it('takes id, type, timestamp and secret from its options', async () => {
    const { url, received } = await startEndpoint();
    const timestamp = Math.floor(Date.now() / 1000) - 100;
    const options = ['--id', 'evt_7', '--type', 'call.started', '--timestamp', String(timestamp)];
    const { code } = await runCli(['send', url, ...options, '--secret', SECRET], { env: {} });
    expect(code).toBe(0);
    const { id, type, timestamp: signed } = received[0]!.delivery;
    expect({ id, type, signed: signed.getTime() }).toEqual({
      id: 'evt_7',
      type: 'call.started',
      signed: timestamp * 1000,
    });
  });

  it('sends a file, and standard input, as exactly these bytes', async () => {
    const { url, received } = await startEndpoint();
    const file = join(temporaryFolder(), 'body.json');
    const bytes = Buffer.concat([SAMPLE, Buffer.from('\r\n \n')]);
    writeFileSync(file, bytes);
    expect((await runCli(['send', url, '--file', file])).code).toBe(0);
    expect((await runCli(['send', url, '--file', '-'], { input: SAMPLE })).code).toBe(0);
    expect(received.map(({ delivery }) => delivery.rawBody)).toEqual([bytes, SAMPLE]);
  });

  it('makes a repeat another call under another id, of a file as well', async () => {
    const { url, received } = await startEndpoint();
    const file = join(temporaryFolder(), 'body.json');
    writeFileSync(file, SAMPLE);
    const args = ['send', url, '--file', file, '--repeat', '5', '--concurrency', '3', '--json'];
    const { code, stdout } = await runCli(args);
    expect(code).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ answers: { '200 processed': 5 } });
    expect(new Set(received.map(({ payload }) => payload['call_id'])).size).toBe(5);
    expect(new Set(received.map(({ delivery }) => delivery.id)).size).toBe(5);
    expect(received.some(({ delivery }) => delivery.rawBody.equals(SAMPLE))).toBe(true);
  });

  it('redelivers where an id is given', async () => {
    const { url, received } = await startEndpoint();
    const { code, stdout } = await runCli(['send', url, '--id', 'evt_1', '--repeat', '3']);
    expect(code).toBe(0);
    expect(received).toHaveLength(1);
    expect(stdout).toContain('3 sent, 3 accepted');
    expect(stdout).toMatch(/2 {2}200 duplicate/);
  });

  it('generates a transcript of any length', async () => {
    const { url, received } = await startEndpoint();
    expect((await runCli(['send', url, '--messages', '3000'])).code).toBe(0);
    const { transcription } = received[0]!.payload as { transcription: { messages: unknown[] } };
    expect(transcription.messages).toHaveLength(3000);
  });

  it('sums up many, each with its line of JSON where asked for', async () => {
    const { url, received } = await startEndpoint();
    // More at once than Node expects of one signal.
    const many = ['send', url, '--repeat', '60', '--concurrency', '20'];
    const { code, stdout, stderr } = await runCli(many);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('60 sent, 60 accepted');
    expect(stdout).toMatch(/p50 [\d.]+ ms, p95 [\d.]+ ms, p99 [\d.]+ ms, max [\d.]+ ms/);
    const lines = jsonLines((await runCli([...many, '--json'])).stdout);
    expect(lines).toHaveLength(61);
    expect(lines[0]).toMatchObject({ kind: 'delivery', status: 200, answer: 'processed' });
    expect(lines[60]).toMatchObject({ kind: 'summary', sent: 60, accepted: 60, refused: 0 });
    expect(received).toHaveLength(120);
  });

  it('sends as many at once as it is told, and no more', async () => {
    const waiting: ServerResponse[] = [];
    let most = 0;
    const url = await listen(
      createServer((request, response) => {
        request.resume().on('end', () => {
          most = Math.max(most, waiting.push(response));
          if (waiting.length < 4) return;
          // Some time for a fifth, which must not come.
          setTimeout(() => waiting.splice(0).forEach(each => each.end()), 20);
        });
      }),
    );
    expect((await runCli(['send', url, '--repeat', '40', '--concurrency', '4'])).code).toBe(0);
    expect(most).toBe(4);
  });

  it.each(['body', 'timestamp', 'signature', 'secret'])(
    'spoils the %s: 0 where that is refused with 401, 1 where it is not',
    async part => {
      const { url, received } = await startEndpoint();
      const { code, stdout } = await runCli(['send', url, '--tamper', part]);
      expect(code).toBe(0);
      expect(stdout).toContain('401 signature_mismatch');
      expect(received).toEqual([]);
      const careless = await listen(createServer((_request, response) => response.end('{}')));
      expect((await runCli(['send', careless, '--tamper', part])).code).toBe(1);
    },
  );

  it.each([
    [
      'another secret',
      ['--secret', 'another one'],
      '401 signature_mismatch',
      'revrag-webhook verify',
    ],
    ['an old timestamp', ['--timestamp', '-10m'], '401 timestamp_out_of_tolerance', 'behind'],
    ['a timestamp ahead', ['--timestamp', '+2h'], '401 timestamp_out_of_tolerance', 'ahead of'],
  ])('ends with 1 for %s, and says why', async (_what, options, answer, why) => {
    const { url } = await startEndpoint();
    const { code, stdout, stderr } = await runCli(['send', url, ...options]);
    expect(code).toBe(1);
    expect(stdout).toContain(answer);
    expect(stderr).toContain(why);
  });

  it('shows what is wrong with a payload', async () => {
    const { url } = await startEndpoint();
    const { code, stderr } = await runCli(['send', url, '--file', '-'], { input: '{"call_id":7}' });
    expect(code).toBe(1);
    expect(stderr).toContain('[call_id: must be a non-empty string]');
  });

  it('says what to do about an answer that is not the endpoint’s', async () => {
    const { url } = await startEndpoint();
    const missing = await runCli(['send', `${url}/nothing`]);
    expect(missing).toMatchObject({ code: 1, stdout: expect.stringContaining('404') as string });
    expect(missing.stderr).toContain('Is the path right?');
    const moved = await listen(
      createServer((_request, response) => response.writeHead(308, { location: url }).end()),
    );
    expect((await runCli(['send', moved])).stderr).toContain('Redirects are not followed');
    const noisy = await listen(
      createServer((_request, response) => response.writeHead(403).end(`\u001b[31m${SECRET}`)),
    );
    const { stderr } = await runCli(['send', noisy]);
    expect(stderr).toContain('a proxy or middleware of the app');
    expect(stderr).not.toContain('\u001b');
  });

  it('ends with 3 where no answer came', async () => {
    const closed = createTcpServer();
    const gone = await listen(closed);
    await new Promise(resolve => closed.close(resolve));
    const refused = await runCli(['send', gone]);
    expect(refused).toMatchObject({ code: 3 });
    expect(refused.stderr).toContain('Nothing listens at');
    const cut = await listen(createTcpServer(socket => socket.on('data', () => socket.destroy())));
    const { code, stdout } = await runCli(['send', cut, '--json']);
    expect(code).toBe(3);
    expect(jsonLines(stdout)[0]).toMatchObject({ error: 'ECONNRESET', hangUp: 'still there' });
    expect(stdout).not.toContain('https');
    const silent = await listen(createTcpServer(() => undefined));
    const late = await runCli(['send', silent, '--timeout', '1']);
    expect(late).toMatchObject({ code: 3 });
    expect(late.stderr).toContain('--timeout');
  });

  it('finds out whether a receiver that hung up was killed, or speaks TLS', async () => {
    const killed = createTcpServer(socket =>
      socket.on('data', () => {
        killed.close();
        socket.resetAndDestroy();
      }),
    );
    const gone = await runCli(['send', await listen(killed)]);
    expect(gone).toMatchObject({ code: 3 });
    expect(gone.stderr).toContain('nothing listens there now');
    const tls = createTlsServer({ key: TLS_KEY, cert: TLS_CERTIFICATE });
    const url = await listen(tls);
    const plain = await runCli(['send', url, '--json']);
    expect(plain).toMatchObject({ code: 3 });
    expect(plain.stdout).toContain('use https:// for it');
    const http = await listen(createServer((_request, response) => response.end()));
    const overTls = await runCli(['send', http.replace('http:', 'https:')]);
    expect(overTls.stderr).toContain('use http:// for it');
  });

  it('makes the file another call with --new-ids, and says where it can not', async () => {
    const { url, received } = await startEndpoint();
    const file = join(temporaryFolder(), 'body.json');
    writeFileSync(file, SAMPLE);
    const send = async (...args: string[]) =>
      (await runCli(['send', url, '--file', file, ...args])).stdout.split(' ')[1];
    expect(await send()).toBe('processed');
    const now = String(Math.floor(Date.now() / 1000));
    const signedOnce = ['send', url, '--file', file, '--timestamp', now];
    await runCli(signedOnce);
    const again = await runCli(signedOnce);
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('duplicate') as string,
    });
    expect(again.stderr).toContain('--new-ids makes another call of it');
    received.length = 0;
    expect(await send('--new-ids')).toBe('processed');
    expect(await send('--new-ids')).toBe('processed');
    expect(new Set(received.map(({ payload }) => payload['call_id'])).size).toBe(2);
    writeFileSync(file, '{"a":1}');
    const { stderr } = await runCli(['send', url, '--file', file, '--new-ids']);
    expect(stderr).toContain('is not a JSON object with a call_id');
  });

  it.each(['localhost:3000/webhooks', 'ftp://localhost/', 'webhooks/revrag'])(
    'refuses the URL %s',
    async url => {
      const { code, stderr } = await runCli(['send', url]);
      expect(code).toBe(2);
      expect(stderr).toContain('http://localhost:3000/webhooks/revrag');
    },
  );

  it('refuses a secret with white space around it, and a file that is not there', async () => {
    const env = { REVRAG_WEBHOOK_SECRET: `${SECRET}\n` };
    const padded = await runCli(['send', 'http://localhost'], { env });
    expect(padded).toMatchObject({ code: 2 });
    expect(padded.stderr).toContain('white space around it');
    const missing = await runCli(['send', 'http://localhost', '--file', temporaryFolder()]);
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.stderr).toContain('It is a folder');
  });

  it('sums up what was sent when it is interrupted', async () => {
    let seen = 0;
    const url = await listen(
      createServer((request, response) => {
        request.resume().on('end', () => response.end());
        if ((seen += 1) === 30) child.process.kill('SIGINT');
      }),
    );
    const child = startCli(['send', url, '--repeat', '1000000', '--json']);
    const { code, stdout } = await child.ended;
    expect(code).toBe(130);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ kind: 'summary', interrupted: true });
  });

  it('ends in peace where nobody reads any more, as with head', async () => {
    const { url } = await startEndpoint();
    const child = startCli(['send', url, '--repeat', '1000000', '--json']);
    child.process.stdout!.once('data', () => child.process.stdout!.destroy());
    const { code, stderr } = await child.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
