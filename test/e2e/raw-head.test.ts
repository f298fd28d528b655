import { describe, expect, it } from 'vitest';
import { platform } from '../support/app.js';
import { processed, refused, useRawApp } from '../support/raw-app.js';
import { headOf, small, whole, withLines } from '../support/raw-delivery.js';
import { PATH } from '../support/send.js';

const raw = useRawApp();

describe('headers on the wire', () => {
  it.each([
    ['signature', 'X-Webhook-Signature', 'malformed_header'],
    ['timestamp', 'X-Webhook-Timestamp', 'malformed_header'],
  ] as const)('with the %s twice are refused', async (_name, header, code) => {
    const a = small('a');
    const value = a.headers[header.toLowerCase() as keyof typeof a.headers];
    const twice = withLines(a, `${header}: ${value}`) + a.body.toString();
    expect(await raw.answerTo(twice)).toMatchObject(refused(401, code));
  });

  it('with the id twice name a delivery of the two', async () => {
    const a = small('a');
    const reply = await raw.answerTo(withLines(a, 'X-Webhook-ID: z') + a.body.toString());
    expect(reply).toMatchObject(processed('a, z'));
    // Another id is no other delivery: the signed bytes are the same.
    expect(await raw.answerTo(whole(a))).toMatchObject({
      status: 200,
      body: { status: 'duplicate' },
    });
  });

  it('may have names in any case and space around their values', async () => {
    const odd = whole(small('a')).replace(/^x-webhook-[a-z]+: (.*)$/gm, line =>
      line
        .replace(/^[^:]+/, name => name.toUpperCase())
        .replace(': ', ':\t  ')
        .concat(' \t '),
    );
    expect(await raw.answerTo(odd)).toMatchObject(processed('a'));
  });

  it.each([
    ['a value folded over two lines', 'x-webhook-id: a\r\n b'],
    ['a NUL in a value', 'x-webhook-id: a\u0000b'],
    ['a NUL in a name', 'x-web\u0000hook-id: a'],
    ['a space before the colon', 'x-webhook-id : a'],
    ['a bare CR', 'x-webhook-id: a\rx-webhook-event: b'],
    ['a bare LF', 'x-webhook-id: a\nx-webhook-event: b'],
    ['no colon', 'x-webhook-id'],
  ])('with %s are refused', async (_name, line) => {
    const a = small('a');
    const bytes = withLines({ ...a, headers: { ...a.headers, 'x-webhook-id': '' } }, line);
    const reply = await raw.answerTo(bytes + a.body.toString());
    if (reply) expect([400, 401]).toContain(reply.status);
    expect(raw.ids).toEqual([]);
  });

  it('may hold an id of some thousand bytes, but not of more than Node reads', async () => {
    const long = 'i'.repeat(8000);
    expect(await raw.answerTo(whole(small('a'), { 'x-webhook-id': long }))).toMatchObject(
      processed(long),
    );
    const longer = whole(small('b'), { 'x-webhook-id': 'i'.repeat(20_000) });
    expect(await raw.answerTo(longer)).toMatchObject({ status: 431 });
    await raw.socket.closed;
  });
});

describe('request lines', () => {
  it('of HTTP/1.0 are served, and the connection closed', async () => {
    const reply = await raw.answerTo(whole(small('a'), {}, `POST ${PATH} HTTP/1.0`));
    expect(reply).toMatchObject(processed('a'));
    await raw.socket.closed;
  });

  it('of HTTP/1.0 without a length have no body', async () => {
    const head = headOf(small('a'), { 'Content-Length': undefined }, `POST ${PATH} HTTP/1.0`);
    expect(await raw.answerTo(head)).toMatchObject({ status: 401 });
    await raw.socket.closed;
  });

  it.each([
    ['absolute form', `http://localhost${PATH}`],
    ['absolute form with a query', `https://user@localhost:8443${PATH}?a=http://b`],
    ['a query', `${PATH}?id=1`],
    ['a fragment', `${PATH}#fragment`],
    // Fastify tells these from the path itself.
    ...(platform === 'express'
      ? [
          ['a slash at the end', `${PATH}/`],
          ['capitals', PATH.toUpperCase()],
        ]
      : []),
  ])('in %s lead to the endpoint, and past every parser', async (_name, target) => {
    const forged = { ...small('a'), body: Buffer.from('{"personal') };
    const start = `POST ${target} HTTP/1.1`;
    const refusal = await raw.answerTo(whole(forged, {}, start));
    // What Express does not lead to the endpoint is not ours; the rest is verified before it is parsed.
    expect(refusal).toMatchObject(refused(401, 'signature_mismatch'));
    expect(await raw.answerTo(whole(small('a'), {}, start))).toMatchObject(processed('a'));
  });

  it.each([
    ['a double slash', PATH.replace('/', '//')],
    ['dots', `/x/..${PATH}`],
    // Fastify decodes a path before it looks for the route.
    ...(platform === 'express' ? [['escapes', PATH.replace('r', '%72')]] : []),
    ['an asterisk', '*'],
  ])('with %s lead nowhere', async (_name, target) => {
    const reply = await raw.answerTo(whole(small('a'), {}, `POST ${target} HTTP/1.1`));
    expect([400, 404]).toContain(reply?.status);
    expect(raw.ids).toEqual([]);
  });

  it.each([
    `post ${PATH} HTTP/1.1`,
    `POST ${PATH} HTTP/9.9`,
    `POST ${PATH}\xa0 HTTP/1.1`,
    '\u0016\u0003',
  ])('that are none (%j) end the connection', async start => {
    await raw.expectClosed(whole(small('a'), {}, start));
  });
});

describe('Expect: 100-continue', () => {
  const expecting = { Expect: '100-continue' };

  it('is met, and the delivery taken', async () => {
    const a = small('a');
    raw.socket.write(headOf(a, expecting));
    await new Promise(resolve => setImmediate(resolve));
    raw.socket.write(a.body);
    const reply = await raw.socket.reply();
    expect(reply).toMatchObject(processed('a'));
    expect(reply?.interim).toEqual([100]);
  });

  it.each([
    ['sends its body', true],
    ['keeps it back', false],
  ])('of a condemned sender, which %s, gets its answer at once', async (_name, sends) => {
    const a = small('a');
    const condemned = headOf(a, { ...expecting, 'content-encoding': 'gzip' });
    expect(await raw.answerTo(condemned)).toMatchObject(refused(415, 'unsupported_encoding'));
    if (sends) {
      raw.socket.write(a.body);
      expect(await raw.answerTo(whole(small('b')))).toMatchObject(processed('b'));
    }
  });

  it('of anything else is refused by the server', async () => {
    const reply = await raw.answerTo(whole(small('a'), { Expect: 'a-miracle' }));
    expect(reply).toMatchObject({ status: 417 });
    expect(raw.ids).toEqual([]);
  });
});
