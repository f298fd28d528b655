import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import express from 'express';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import pino from 'pino';
import { pinoHttp } from 'pino-http';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../lib/cli/verify/diagnose.js';
import { readCapture } from '../../../lib/cli/verify/read-capture.js';
import { readHeaders } from '../../../lib/cli/verify/read-headers.js';
import { SECRET } from '../../support/app.js';
import { CAPTURES } from './captures.js';

const NOW = new Date('2026-06-01T12:00:00Z');

/** All that shells, JSON and consoles escape. */
const PAYLOAD = callEnded({
  call_id: 'call_1',
  summary: 'It\'s "50%" off! `a` $b \\n ^c é नमस्ते 😀 {x} [y] & <z>',
});

const sign = (timestamp: Date = NOW) =>
  signDelivery({ secret: SECRET, body: PAYLOAD, id: 'evt_1', timestamp });

function verify(capture: string | Buffer) {
  const { request, name } = readCapture(Buffer.from(capture), undefined);
  const { authentic, causes } = diagnose({
    request,
    secrets: [SECRET],
    at: request.receivedAt,
    now: NOW,
    tolerance: 300,
  });
  return { name, authentic, codes: causes.map(({ code }) => code), request };
}

describe('readCapture', () => {
  it.each(CAPTURES)('reads %s', (_what, name, write) => {
    const signed = sign();
    const { request, ...result } = verify(write(signed));
    expect(result).toEqual({ name, authentic: true, codes: [] });
    expect(request.body.toString()).toBe(signed.body);
  });

  it('takes the time of receipt from where it is', () => {
    const times = CAPTURES.map(([what, , write]) => [
      what,
      readCapture(Buffer.from(write(sign())), undefined).request.receivedAt?.toISOString(),
    ]);
    expect(Object.fromEntries(times.filter(([, time]) => time !== undefined))).toEqual({
      'an event of API Gateway, v1': '2026-06-01T12:00:00.500Z',
      'an event of API Gateway, v1, in Base64': '2026-06-01T12:00:00.500Z',
      'an event of API Gateway, v2': '2026-06-01T12:00:00.500Z',
      'an event in Base64': '2026-06-01T12:00:00.500Z',
      'an export of webhook.site': '2026-06-01T12:00:01.000Z',
      'a HAR': '2026-06-01T12:00:01.000Z',
    });
  });

  it('picks one of several', () => {
    const event = (id: string) => {
      const { body, headers } = signDelivery({ secret: SECRET, id });
      return JSON.stringify({ req: { headers }, body });
    };
    const log = Buffer.from(`${event('evt_1')}\n${event('evt_2')}\n`);
    expect(readCapture(log, 2).request.headers['x-webhook-id']).toBe('evt_2');
    expect(() => readCapture(log, undefined)).toThrow('holds 2 signed requests');
    expect(() => readCapture(log, 3)).toThrow('no entry 3');
  });

  it('says that a body was captured parsed, and finds how it was written', () => {
    const pretty = JSON.stringify(PAYLOAD, null, 2);
    const { headers } = signDelivery({ secret: SECRET, body: pretty, timestamp: NOW });
    const { request, codes } = verify(JSON.stringify({ req: { headers, body: PAYLOAD } }));
    expect(request.note).toContain('captured parsed');
    expect(codes).toEqual(['body_reserialised']);
  });
});

/** What an app with some middleware sees of a delivery over a real socket. */
async function receive(
  listen: (request: IncomingMessage, body: Buffer) => string,
): Promise<string> {
  const server = createServer((request, response) => {
    void buffer(request).then(body => response.end(listen(request, body)));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { body, headers } = sign();
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, headers });
  const text = await response.text();
  server.close();
  return text;
}

describe("Node's inspect()", () => {
  const name = "what Node's console.log() prints";
  const whole = { depth: 10, maxStringLength: null, maxArrayLength: null, breakLength: 80 };

  it('is read of headers and a body, as text, parsed, or raw', async () => {
    for (const print of [
      (body: Buffer) => inspect(body.toString()),
      (body: Buffer) => inspect(JSON.parse(body.toString()), whole),
      (body: Buffer) => body.toString(),
    ]) {
      const printed = await receive((request, body) =>
        [
          '[Nest] 41  - 06/01/2026, 12:00:00 PM     LOG [Calls] received',
          inspect(request.headers),
          print(body),
        ].join('\n'),
      );
      const { request, ...result } = verify(printed);
      expect(result).toEqual({ name, authentic: true, codes: [] });
      expect(JSON.parse(request.body.toString())).toEqual(PAYLOAD);
    }
  });

  it('is read of a whole request of Express', async () => {
    for (const withBytes of [true, false]) {
      const printed = await receive((request, body) =>
        inspect(
          Object.assign(
            request,
            withBytes
              ? { body: {}, rawBody: body.toString() }
              : { body: JSON.parse(body.toString()) as object },
          ),
          { ...whole, depth: 5 },
        ),
      );
      expect(verify(printed)).toMatchObject({ name, authentic: true });
    }
  });

  it('says that it left something out', () => {
    const { body, headers } = sign();
    const request = verify(inspect({ headers, rawBody: Buffer.from(body) })).request;
    expect(request.note).toContain('Node left out a part');
    expect(() => verify(inspect({ headers }))).toThrow('not its body');
    const { note } = verify(inspect({ headers, body: { a: { b: { c: {} } } } })).request;
    expect(note).toContain('Node left out a part');
  });

  it('is read back into values, whatever is in them', () => {
    const { headers } = sign();
    const odd = { 'a b': 'it\'s "x" `y`', n: -1.5e-7, t: true, z: null, u: undefined, f: () => 1 };
    const body = { ...odd, s: Symbol('q'), l: ['a\nb', [1, [2]], '\u001b\u0000é'], d: new Map() };
    const { request } = verify(inspect({ headers, body }, whole));
    expect(JSON.parse(request.body.toString())).toMatchObject({
      'a b': odd['a b'],
      n: odd.n,
      t: true,
      z: null,
      l: body.l,
    });
  });

  it('is read as headers alone', () => {
    const { headers } = sign();
    expect(readHeaders(inspect(headers))).toMatchObject(headers);
    expect(readHeaders(inspect({ headers }))).toMatchObject(headers);
  });
});

describe('pino-http', () => {
  async function log(options: object): Promise<string> {
    let written = '';
    const stream = new Writable({
      write(chunk, _encoding, done) {
        written += String(chunk);
        done();
      },
    });
    const app = express();
    app.use(express.json());
    app.use(pinoHttp({ logger: pino(stream), ...options }));
    app.post('/', (_request, response) => void response.end());
    const server = app.listen(0, '127.0.0.1');
    await new Promise(resolve => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const { body, headers } = sign(new Date());
    await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, headers });
    await new Promise(resolve => server.close(resolve));
    return written;
  }

  it('is read where its lines have the body, with their time', async () => {
    const serializers = {
      req: (request: { raw: { body: unknown } }) => ({ ...request, body: request.raw.body }),
    };
    const { name, authentic, request } = verify(await log({ serializers }));
    expect({ name, authentic }).toEqual({ name: 'a logged request', authentic: true });
    expect(Math.abs(Date.now() - request.receivedAt!.getTime())).toBeLessThan(60_000);
    expect(request.note).toContain('captured parsed');
  });

  it('is missing the body otherwise', async () => {
    const written = await log({});
    expect(() => verify(written)).toThrow('not its body');
  });
});

describe('what is no capture', () => {
  const { headers } = sign();
  it.each<[string, string, string]>([
    ['nothing', ' \n', 'empty'],
    ['some text', 'hello there', 'no header X-Webhook-Signature was found'],
    ['a body alone', JSON.stringify(PAYLOAD), 'neither a HAR nor any other captured request'],
    ['a cut HAR', '{"log":{"entries":[{"request":', 'not valid JSON'],
    ['a HAR that is none', '{"log":{"version":"1.2"}}', 'neither a HAR'],
    ['an empty HAR', '{"log":{"entries":[]}}', 'X-Webhook-Signature'],
    ['headers alone, as JSON', JSON.stringify(headers), 'not its body'],
    ['a head alone', 'POST / HTTP/1.1\r\nA: b\r\n', 'no empty line'],
    [
      'a curl command without a body',
      `curl -H 'x-webhook-signature: t=1' http://a.example`,
      'holds no body',
    ],
    [
      'a curl command with a file',
      `curl -H 'x-webhook-signature: t=1' -d @body.json http://a.example`,
      'from a file',
    ],
    [
      'curl -v without the body',
      '> POST / HTTP/1.1\n> x-webhook-signature: t=1\n>\n< HTTP/1.1 200',
      'not its body',
    ],
  ])('is refused with a reason: %s', (_what, text, reason) => {
    expect(() => verify(text)).toThrow(reason);
  });
});
