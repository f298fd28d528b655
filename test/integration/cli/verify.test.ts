import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signDelivery, type SignedDelivery } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { SECRET } from '../../support/app.js';
import { jsonLines, runCli, temporaryFolder } from '../../support/cli.js';
import { SAMPLE } from '../../support/sample.js';

const NOW = new Date('2026-06-01T12:00:00Z');
const SECRET_TEXT = 'What documents do I need';

const genuine = (body: Buffer = SAMPLE) =>
  signDelivery({ secret: SECRET, body, timestamp: NOW, id: 'evt_1' });

const rawHttp = (
  { headers, body }: SignedDelivery<Buffer>,
  lineEnd = '\r\n',
  extra: string[] = [],
) =>
  Buffer.concat([
    Buffer.from(
      [
        'POST /webhooks/revrag HTTP/1.1',
        'Host: example.com',
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        ...extra,
        '',
        '',
      ].join(lineEnd),
    ),
    body,
  ]);

const harEntry = ({ headers, body }: SignedDelivery<Buffer>, startedDateTime: Date) => ({
  startedDateTime: startedDateTime.toISOString(),
  request: {
    method: 'POST',
    headers: Object.entries(headers).map(([name, value]) => ({ name: name.toUpperCase(), value })),
    postData: { mimeType: 'application/json', text: body.toString('utf8') },
  },
});

function file(name: string, content: string | Buffer): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

describe('verify', () => {
  it.each([
    ['CRLF', '\r\n'],
    ['LF', '\n'],
  ])('takes raw HTTP text with %s', async (_name, lineEnd) => {
    const { code, stdout } = await runCli(['verify', file('r.txt', rawHttp(genuine(), lineEnd))]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Read as raw HTTP\.\n/);
    expect(stdout).toContain('✓ signature  It matches the secret.');
    expect(stdout).toMatch(/! timestamp {2}Signed .+ Most captures are older/);
    expect(stdout).toContain('Authentic');
    expect(stdout).not.toContain(SECRET_TEXT);
  });

  it('takes standard input, chunks, and a line end that an editor has put after the body', async () => {
    const { headers, body } = genuine();
    const chunked = Buffer.concat([
      Buffer.from(`64\r\n`),
      body.subarray(0, 100),
      Buffer.from(`\r\n${(body.length - 100).toString(16)};x=y\r\n`),
      body.subarray(100),
      Buffer.from('\r\n0\r\n\r\n'),
    ]);
    const inputs = [
      rawHttp({ headers, body: chunked }, '\r\n', ['Transfer-Encoding: chunked']),
      Buffer.concat([
        rawHttp(genuine(), '\r\n', [`Content-Length: ${body.length}`]),
        Buffer.from('\n'),
      ]),
    ];
    for (const input of inputs) {
      expect(await runCli(['verify', '-'], { input })).toMatchObject({ code: 0 });
    }
  });

  it('takes headers and body apart: lines, what curl -v shows, or JSON', async () => {
    const { headers, body } = genuine();
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const forms = [
      lines.join('\n'),
      ['> POST / HTTP/1.1', ...lines.map(line => `> ${line}`), '>'].join('\r\n'),
      JSON.stringify(headers),
      JSON.stringify(Object.entries(headers).map(([name, value]) => ({ name, value }))),
    ];
    const bodyFile = file('body', body);
    for (const form of forms) {
      const args = ['verify', '--headers', file('headers', form), '--body', bodyFile];
      expect(await runCli(args)).toMatchObject({ code: 0 });
    }
  });

  it('takes a HAR, whose time of receipt counts', async () => {
    const minutes = (count: number) => new Date(NOW.getTime() + count * 60_000);
    const entries = [
      { request: { headers: [], method: 'GET' } },
      harEntry(genuine(), minutes(1)),
      harEntry(genuine(), minutes(63)),
    ];
    const har = file('a.har', JSON.stringify({ log: { entries } }));
    expect(await runCli(['verify', har, '--entry', '1'])).toMatchObject({ code: 0 });
    const stale = await runCli(['verify', har, '--entry', '2']);
    expect(stale).toMatchObject({ code: 1 });
    expect(stale.stdout).toContain('it is 58 min too late');
    const any = await runCli(['verify', har]);
    expect(any).toMatchObject({ code: 2 });
    expect(any.stderr).toContain('--entry 1 to --entry 2');
    expect((await runCli(['verify', har, '--entry', '3'])).code).toBe(2);
    const single = file('entry.json', JSON.stringify(entries[1]));
    expect(await runCli(['verify', single])).toMatchObject({ code: 0 });
  });

  it('holds the age against the time of --at and --tolerance', async () => {
    const request = file('r.txt', rawHttp(genuine()));
    const at = (time: string, ...more: string[]) =>
      runCli(['verify', request, '--at', time, ...more]);
    expect((await at('2026-06-01T12:05:00Z')).code).toBe(0);
    const stale = await at('2026-06-01T12:05:12Z');
    expect(stale.code).toBe(1);
    expect(stale.stdout).toContain('300 s are tolerated, so it is 12 s too late');
    expect((await at('2026-06-01T12:05:12Z', '--tolerance', '600')).code).toBe(0);
  });

  it('names the cause, and says what to do', async () => {
    const { headers, body } = genuine();
    const request = rawHttp({
      headers,
      body: Buffer.from(JSON.stringify(JSON.parse(String(body)), null, 2)),
    });
    const env = { REVRAG_WEBHOOK_SECRET: `${SECRET}\n` };
    const spoilt = await runCli(['verify', file('r.txt', rawHttp(genuine()))], { env });
    expect(spoilt.code).toBe(1);
    expect(spoilt.stdout).toContain('Cause: The secret given here has white space');
    expect(spoilt.stdout).toContain('Not authentic');
    const changed = await runCli([
      'verify',
      file('s.txt', request),
      '--secret',
      'no',
      '--secret',
      SECRET,
    ]);
    expect(changed.code).toBe(1);
    expect(changed.stdout).not.toContain(SECRET_TEXT);
  });

  it('writes nothing of a header as it is: no sequence reaches the terminal', async () => {
    const { headers, body } = genuine();
    const hostile = '\u001b]52;c;cm0gLXJm\u0007\u009b31m\u202e\u2066\u200f';
    const names = ['x-webhook-id', 'x-webhook-event', 'x-webhook-timestamp', 'x-webhook-signature'];
    const cases = [
      ...names.map(name => ({ ...headers, [name]: hostile })),
      { ...headers, 'content-length': hostile, 'x-webhook-id': '' },
    ];
    const runs = cases.flatMap((changed, index) => {
      const headersFile = file(`h${index}`, JSON.stringify(changed));
      const files = ['--headers', headersFile, '--body', file('b', body)];
      return [[], ['--json']].map(more => runCli(['verify', ...files, ...more]));
    });
    for (const { stdout, stderr } of await Promise.all(runs)) {
      // eslint-disable-next-line no-control-regex
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(stdout + stderr).not.toMatch(/\p{Bidi_Control}/u);
    }
  });

  it('gives the diagnosis as JSON', async () => {
    const compact = Buffer.from(JSON.stringify({ call_id: 'c', a: 'b' }));
    const { headers } = genuine(compact);
    const request = rawHttp({ headers, body: Buffer.from('{ "call_id": "c", "a": "b" }') });
    const { code, stdout } = await runCli(['verify', '-', '--json'], { input: request });
    expect(code).toBe(1);
    expect(jsonLines(stdout)).toMatchObject([
      {
        readAs: 'raw HTTP',
        authentic: false,
        checks: [
          { name: 'headers', status: 'pass' },
          { name: 'signature', status: 'fail' },
          { name: 'timestamp', status: 'note' },
          { name: 'payload', status: 'skipped' },
        ],
        causes: [{ code: 'body_reserialised', proven: true }],
      },
    ]);
  });

  it.each([
    ['no capture', [], '', 'both --headers and --body'],
    ['headers alone', ['--headers', 'x'], '', 'both --headers and --body'],
    [
      'a capture and parts',
      ['-', '--headers', 'x', '--body', 'y'],
      '',
      'both --headers and --body',
    ],
    ['text without an empty line', ['-'], 'POST / HTTP/1.1\r\nA: b\r\n', 'no empty line'],
    ['a cut body alone', ['-'], `{ "a": "${SECRET_TEXT}`, 'not valid JSON'],
    ['a HAR without a delivery', ['-'], '{"log":{"entries":[]}}', 'X-Webhook-Signature'],
    [
      'a HAR without a body',
      ['-'],
      '{"request":{"headers":[{"name":"X-Webhook-Signature","value":"t=1"}],"postData":{}}}',
      'postData.text',
    ],
    ['a file that is not there', ['/nowhere/at/all'], '', 'There is nothing at that path'],
  ])('refuses %s with exit code 2', async (_what, args, input, expected) => {
    const { code, stderr } = await runCli(['verify', ...args], { input });
    expect(code).toBe(2);
    expect(stderr).toContain(expected);
    expect(stderr).not.toContain(SECRET_TEXT);
  });

  it('refuses headers that are none', async () => {
    const body = file('body', SAMPLE);
    for (const [text, expected] of [
      ['{', 'No headers'],
      ['nothing', 'No headers'],
      ['{}', 'No headers'],
    ] as const) {
      const args = ['verify', '--headers', file('headers', text), '--body', body];
      const { code, stderr } = await runCli(args);
      expect(code).toBe(2);
      expect(stderr).toContain(expected);
    }
  });
});
