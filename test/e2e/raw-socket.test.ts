import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { until } from '../support/deferred.js';
import { processed, refused, useRawApp } from '../support/raw-app.js';
import { CHUNKED, chunk, headOf, small, whole, withLines } from '../support/raw-delivery.js';
import { RawSocket } from '../support/raw-socket.js';
import { genuine } from '../support/send.js';

const raw = useRawApp();

describe('pipelined deliveries', () => {
  it('are answered in their order, each for itself', async () => {
    const forged = { ...small('b'), body: small('x').body };
    const unreadable = genuine({ id: 'd', body: '{"call_status":1}' });
    const stale = genuine({ id: 'e', timestamp: 1_000_000_000 });
    for (const one of [small('a'), forged, small('c'), unreadable, stale, small('f')]) {
      raw.socket.write(whole(one));
    }
    expect(await raw.socket.reply()).toMatchObject(processed('a'));
    expect(await raw.socket.reply()).toMatchObject(refused(401, 'signature_mismatch'));
    expect(await raw.socket.reply()).toMatchObject(processed('c'));
    expect(await raw.socket.reply()).toMatchObject(refused(400, 'invalid_payload'));
    expect(await raw.socket.reply()).toMatchObject(refused(401, 'timestamp_out_of_tolerance'));
    expect(await raw.socket.reply()).toMatchObject(processed('f'));
    expect(raw.ids).toEqual(['a', 'c', 'f']);
  });

  it('with other requests in between do not get each other’s bytes', async () => {
    const other = 'POST /other HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nnull';
    raw.socket.write(whole(small('a')) + other + whole(small('b')));
    expect(await raw.socket.reply()).toMatchObject(processed('a'));
    expect(await raw.socket.reply()).toMatchObject({ status: 404 });
    expect(await raw.socket.reply()).toMatchObject(processed('b'));
  });
});

describe('a connection after a refusal', () => {
  const smuggled = () => whole(small('smuggled'));
  /** A body that reads as a delivery of its own, to a server that forgets to read it. */
  const around = (head: Record<string, string>, size = 0): string => {
    const body = smuggled() + ' '.repeat(size);
    return headOf(genuine({ id: 'outer', body }), head) + body;
  };
  const inChunks = (head: Record<string, string | undefined>, size = 0): string => {
    const body = smuggled() + ' '.repeat(size);
    const outer = headOf(genuine({ id: 'outer', body }), { ...head, ...CHUNKED });
    return `${outer}${chunk(body)}0\r\n\r\n`;
  };
  const refusals: [string, number, Record<string, string>, number?][] = [
    ['by the signature', 401, { 'x-webhook-signature': `t=1,v1=${'0'.repeat(64)}` }],
    ['by a header', 401, { 'x-webhook-id': '' }],
    ['by the encoding', 415, { 'content-encoding': 'gzip' }],
    ['by the size', 413, {}, 20_000],
  ];
  const large: typeof refusals = [
    ['by a header', 401, { 'x-webhook-id': '' }, 900_000],
    ['by the encoding', 415, { 'content-encoding': 'gzip' }, 900_000],
    ['by the size', 413, {}, 900_000],
  ];

  it.each(refusals)('%s (%i) has its body behind it', async (_by, status, head, size) => {
    raw.socket.write(around(head, size) + whole(small('next')));
    expect(await raw.socket.reply()).toMatchObject({ status });
    expect(await raw.socket.reply()).toMatchObject(processed('next'));
    expect(raw.ids).toEqual(['next']);
  });

  it.each(refusals)('%s (%i) waits for a body that is late', async (_by, status, head, size) => {
    const bytes = around(head, size);
    const end = bytes.indexOf('\r\n\r\n') + 4;
    raw.socket.write(bytes.slice(0, end));
    expect(await raw.socket.reply()).toMatchObject({ status });
    // The next request is not begun before the body has come: these bytes are it.
    raw.socket.write(bytes.slice(end) + whole(small('next')));
    expect(await raw.socket.reply()).toMatchObject(processed('next'));
    expect(raw.ids).toEqual(['next']);
  });

  it.each(large)('%s (%i) ends where its body is large', async (_by, status, head, size) => {
    raw.socket.write(around(head, size) + whole(small('next')));
    const reply = await raw.socket.reply();
    expect(reply).toMatchObject({ status, headers: { connection: 'close' } });
    expect(await raw.socket.reply()).toBeUndefined();
    expect(raw.ids).toEqual([]);
  });

  it.each(large)('%s (%i) ends where a large body is late', async (_by, status, head, size) => {
    const bytes = around(head, size);
    const end = bytes.indexOf('\r\n\r\n') + 4;
    raw.socket.write(bytes.slice(0, end));
    expect(await raw.socket.reply()).toMatchObject({ status });
    raw.socket.write(bytes.slice(end) + whole(small('next')));
    expect(await raw.socket.reply()).toBeUndefined();
    expect(raw.ids).toEqual([]);
  });

  it.each([...refusals, ...large])('%s (%i) ends with chunks', async (_by, status, head, size) => {
    raw.socket.write(inChunks(head, size));
    expect(await raw.socket.reply()).toMatchObject({ status, headers: { connection: 'close' } });
    raw.socket.write(whole(small('next')));
    expect(await raw.socket.reply()).toBeUndefined();
    expect(raw.ids).toEqual([]);
  });

  it('is not reset before a sender that writes it all first has read the answer', async () => {
    const { port, hostname } = new URL(raw.url);
    const socket = connect(Number(port), hostname).pause();
    await new Promise(resolve => socket.write(around({ 'x-webhook-id': '' }, 1_000_000), resolve));
    const read: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => read.push(bytes));
    await once(socket.resume(), 'end');
    expect(Buffer.concat(read).toString()).toMatch(/^HTTP\/1.1 401 /);
    socket.destroy();
  });

  it('takes as body what a sender puts in its place', async () => {
    const announced = small('next');
    const next = whole(announced);
    raw.socket.write(headOf(small('outer'), { 'x-webhook-id': '', 'Content-Length': next.length }));
    expect(await raw.socket.reply()).toMatchObject({ status: 401 });
    raw.socket.write(next + whole(small('after')));
    expect(await raw.socket.reply()).toMatchObject(processed('after'));
    expect(raw.ids).toEqual(['after']);
  });

  it('is cut when the body has no end', async () => {
    const flood = Buffer.alloc(1024 * 1024);
    const chunked = headOf(small('a'), { 'x-webhook-id': '', ...CHUNKED });
    expect(await raw.answerTo(chunked)).toMatchObject({ status: 401 });
    while (raw.socket.isOpen) {
      raw.socket.write(Buffer.concat([Buffer.from(`${flood.length.toString(16)}\r\n`), flood]));
      raw.socket.write('\r\n');
      await new Promise(resolve => setImmediate(resolve));
    }
  });
});

describe('the length of a body', () => {
  const a = small('a');
  const body = a.body.toString();

  it.each([
    [
      'Content-Length beside Transfer-Encoding',
      headOf(a, { ...CHUNKED, 'Content-Length': body.length }),
    ],
    ['two Content-Lengths that differ', withLines(a, 'content-length: 3')],
    ['two Content-Lengths that agree', withLines(a, `content-length: ${body.length}`)],
    ['a list of lengths', headOf(a, { 'Content-Length': `${body.length}, ${body.length}` })],
    ['a negative length', headOf(a, { 'Content-Length': -1 })],
    ['a signed length', headOf(a, { 'Content-Length': `+${body.length}` })],
    [
      'a length that is not decimal',
      headOf(a, { 'Content-Length': `0x${body.length.toString(16)}` }),
    ],
    ['a length out of all bounds', headOf(a, { 'Content-Length': '9'.repeat(30) })],
    ['chunked twice', headOf(a, { 'Transfer-Encoding': 'chunked, chunked' })],
    ['chunked, but not last', headOf(a, { 'Transfer-Encoding': 'chunked, gzip' })],
    ['a transfer coding that nobody knows', headOf(a, { 'Transfer-Encoding': 'xchunked' })],
  ])('given as %s ends the connection', async (_name, head) => {
    await raw.expectClosed(`${head}${chunk(body)}0\r\n\r\n${whole(small('b'))}`);
  });

  it.each([
    ['is not hex', `zz\r\n${body}\r\n0\r\n\r\n`],
    ['is negative', `-5\r\n${body}\r\n0\r\n\r\n`],
    ['overflows', `${'f'.repeat(17)}\r\n${body}\r\n0\r\n\r\n`],
    ['is too small', `5\r\n${body}\r\n0\r\n\r\n`],
    ['is missing', `\r\n${body}\r\n0\r\n\r\n`],
  ])('in chunks whose size %s ends the connection', async (_name, chunks) => {
    await raw.expectClosed(headOf(a, CHUNKED) + chunks + whole(small('b')));
  });

  it('that is not given is none', async () => {
    const head = headOf(a, { 'Content-Length': undefined });
    expect(await raw.answerTo(head)).toMatchObject(refused(401, 'signature_mismatch'));
  });

  it('is not lengthened by the extensions and trailers of chunks', async () => {
    const extended = `${chunk(body.slice(0, 9), ';x-webhook-id=evil')}${chunk(body.slice(9), ';a="b"')}`;
    const trailers = 'X-Webhook-ID: evil\r\nX-Webhook-Signature: t=1,v1=2\r\n';
    raw.socket.write(`${headOf(a, CHUNKED)}${extended}0\r\n${trailers}\r\n${whole(small('b'))}`);
    expect(await raw.socket.reply()).toMatchObject(processed('a'));
    expect(await raw.socket.reply()).toMatchObject(processed('b'));
  });
});

describe('headers that come behind the body', () => {
  it('count for nothing', async () => {
    const a = small('a');
    const { 'x-webhook-id': id, 'x-webhook-signature': signature } = a.headers;
    const head = headOf(a, { 'x-webhook-signature': undefined, ...CHUNKED });
    const trailers = `x-webhook-id: ${id}\r\nx-webhook-signature: ${signature}\r\n`;
    raw.socket.write(`${head}${chunk(a.body.toString())}0\r\n${trailers}\r\n`);
    expect(await raw.socket.reply()).toMatchObject(refused(401, 'missing_header'));
  });
});

describe('a sender that goes away', () => {
  const bytes = whole(small('a'));
  const end = bytes.indexOf('\r\n\r\n') + 4;

  it.each([
    ['in the start line', 9],
    ['in a header', 90],
    ['between head and body', end],
    ['in the body', end + 20],
    ['a byte before the end', bytes.length - 1],
  ])('%s is forgotten, closed or reset', async (_name, length) => {
    raw.socket.write(bytes.slice(0, length));
    raw.socket.end();
    await raw.socket.closed;
    const aborting = await RawSocket.open(raw.url);
    aborting.write(bytes.slice(0, length));
    await new Promise(resolve => setImmediate(resolve));
    aborting.destroy();
    await aborting.closed;
    expect(raw.ids).toEqual([]);
  });

  it('in the middle of a chunk is forgotten', async () => {
    const a = small('a');
    raw.socket.write(headOf(a, CHUNKED) + chunk(a.body.toString()).slice(0, 30));
    raw.socket.end();
    await raw.socket.closed;
    expect(raw.ids).toEqual([]);
  });

  it('after the last byte, without waiting, has its delivery handled', async () => {
    raw.socket.write(bytes);
    raw.socket.end();
    await until(() => raw.ids.length > 0);
    expect(raw.ids).toEqual(['a']);
  });
});

describe('a slow sender', () => {
  it('may write byte by byte, head and body', async () => {
    for (const byte of whole(small('a'))) {
      raw.socket.write(byte);
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(await raw.socket.reply()).toMatchObject(processed('a'));
  });
});
