import { gzipSync } from 'node:zlib';
import { Body, Controller, Injectable, Post, Req } from '@nestjs/common';
import {
  OnRevragEvent,
  RevragWebhookModule,
  type Delivery,
  type RevragWebhookOptions,
  type SecretRequest,
} from 'nestjs-revrag-webhook';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InFlight } from '../../lib/core/delivery/in-flight.js';
import { SECRET, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { LogCollector } from '../support/logs.js';
import { openRequest } from '../support/raw-request.js';
import { PATH, deliver, genuine, post } from '../support/send.js';

@Injectable()
class Calls {
  readonly received: { payload: unknown; delivery: Delivery }[] = [];

  @OnRevragEvent('*')
  save(payload: unknown, delivery: Delivery) {
    this.received.push({ payload, delivery });
  }
}

/** A route that has nothing to do with webhooks. */
@Controller('echo')
class EchoController {
  @Post()
  echo(@Body() body: unknown, @Req() request: { rawBody?: Buffer }) {
    return { body, hasRawBody: request.rawBody !== undefined };
  }
}

async function start(options: Partial<RevragWebhookOptions> = {}, nest = {}) {
  const imports = [RevragWebhookModule.forRoot({ secret: SECRET, ...options })];
  const providers = [Calls];
  const { app, url } = await startApp({ imports, providers, controllers: [EchoController] }, nest);
  return { app, url, received: app.get(Calls).received };
}

const transcript = (bytes: number) => {
  const content = 'What documents do I need for a loan? '.repeat(5);
  const count = Math.ceil(bytes / (content.length + 30));
  return callEnded({
    transcription: { messages: Array.from({ length: count }, () => ({ role: 'user', content })) },
  });
};

describe('a body', () => {
  it.each([
    [
      'pretty-printed, with CRLF',
      Buffer.from(JSON.stringify(callEnded(), null, 2).replace(/\n/g, '\r\n')),
    ],
    ['with a byte order mark', Buffer.from(`\ufeff${JSON.stringify(callEnded())}`)],
    ['with emoji and Hindi', Buffer.from(JSON.stringify(callEnded({ summary: '💳 ऋण' })))],
    ['with escaped letters', Buffer.from(JSON.stringify(callEnded()).replace(/a/g, '\\u0061'))],
    ['with a trailing line break', Buffer.from(`${JSON.stringify(callEnded())}\n`)],
    [
      'with bytes that are not UTF-8',
      Buffer.concat([
        Buffer.from('{"call_status":"ENDED","call_id":"c","agent_id":"a","summary":"'),
        Buffer.from([0xff, 0xc3, 0x28]),
        Buffer.from('"}'),
      ]),
    ],
  ])('%s is verified and handed over as sent [pitfall 1]', async (_name, body) => {
    const { url, received } = await start();
    expect(await deliver(url, { body })).toMatchObject({ status: 200 });
    expect(received[0]!.delivery.rawBody.equals(body)).toBe(true);
  });

  it('of a long call passes, though Express stops at 100 kB [pitfall 9]', async () => {
    const { url, received } = await start();
    const body = transcript(3_000_000);
    expect(await deliver(url, { body })).toMatchObject({ status: 200 });
    expect(received[0]!.payload).toMatchObject(body);
  });

  it('is what its own delivery brought, however many large ones come at once', async () => {
    const { url, received } = await start();
    const bodies = Array.from({ length: 12 }, (_, index) => {
      const { transcription } = transcript(300_000 + index * 100_000);
      return Buffer.from(JSON.stringify(callEnded({ call_id: `call_${index}`, transcription })));
    });
    const sent = bodies.map((body, index) => deliver(url, { id: `evt_${index}`, body }));
    for (const reply of await Promise.all(sent)) expect(reply.status).toBe(200);
    expect(received).toHaveLength(bodies.length);
    for (const { payload, delivery } of received) {
      const body = bodies[Number(delivery.id.slice('evt_'.length))]!;
      expect(payload).toEqual({ ...(JSON.parse(body.toString()) as object), extra: {} });
      expect(delivery.rawBody.equals(body)).toBe(true);
      expect(delivery.rawBody).toBe(delivery.rawBody);
    }
  });

  it('that is large and not UTF-8 reads as in one piece', async () => {
    const { url, received } = await start();
    const [head, tail] = ['{"call_status":"ENDED","call_id":"c","agent_id":"a","summary":"', '"}'];
    const body = Buffer.concat([Buffer.from(head), Buffer.alloc(400_000, 0xc3), Buffer.from(tail)]);
    expect(await deliver(url, { body })).toMatchObject({ status: 200 });
    expect(received[0]!.payload).toMatchObject(JSON.parse(body.toString('utf8')) as object);
    expect(received[0]!.delivery.rawBody.equals(body)).toBe(true);
  });

  it('that is large and changed in its last byte is refused', async () => {
    const { url, received } = await start();
    const { body, headers } = genuine({ body: `${JSON.stringify(transcript(1_000_000))} ` });
    body[body.length - 1] = 0x0a;
    const reply = await post(url + PATH, { body, headers });
    expect(reply).toMatchObject({ status: 401, body: { code: 'signature_mismatch' } });
    expect(received).toEqual([]);
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/problem+json',
    'application/octet-stream',
    'text/plain',
    'text/plain; charset=iso-8859-1',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'nonsense',
  ])('of content type %s passes [pitfall 8]', async type => {
    const { url } = await start();
    const { body, headers } = genuine();
    const reply = await post(url + PATH, { body, headers: { ...headers, 'content-type': type } });
    expect(reply).toMatchObject({ status: 200, body: { status: 'processed' } });
  });

  it('without a content type passes [pitfall 8]', async () => {
    const { url } = await start();
    const { body, headers } = genuine();
    const rest: Record<string, string> = { ...headers, 'content-length': String(body.length) };
    delete rest['content-type'];
    const request = openRequest(url + PATH, rest);
    request.write(body);
    request.end();
    expect(await request.reply).toMatchObject({ status: 200 });
  });

  it('may come in chunks, a byte at a time', async () => {
    const { url } = await start();
    const { body, headers } = genuine({
      body: '{"call_status":"ENDED","call_id":"c","agent_id":"a"}',
    });
    const request = openRequest(url + PATH, headers);
    for (const byte of body) {
      request.write(Buffer.from([byte]));
      await new Promise(resolve => setImmediate(resolve));
    }
    request.end();
    expect(await request.reply).toMatchObject({ status: 200, body: { status: 'processed' } });
  });

  it('that is empty is authentic, but unreadable', async () => {
    const { url } = await start();
    const reply = await deliver(url, { body: '' });
    expect(reply).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
  });

  it.each(['gzip', 'deflate', 'br', 'GZIP', 'identity, gzip'])(
    'encoded as %s is refused and never inflated [pitfall 10]',
    async encoding => {
      const { url } = await start();
      const { body, headers } = signDelivery({
        secret: SECRET,
        body: gzipSync(Buffer.alloc(50_000)),
      });
      const reply = await post(url + PATH, {
        body,
        headers: { ...headers, 'content-encoding': encoding },
      });
      expect(reply).toMatchObject({ status: 415, body: { code: 'unsupported_encoding' } });
    },
  );

  it('of identity encoding passes', async () => {
    const { url } = await start();
    const { body, headers } = genuine();
    const reply = await post(url + PATH, {
      body,
      headers: { ...headers, 'content-encoding': 'identity' },
    });
    expect(reply.status).toBe(200);
  });
});

describe('bodyLimit', () => {
  it.each([
    ['with a content-length', true],
    ['in chunks', false],
  ])('refuses what is larger, %s', async (_name, hasLength) => {
    const { url } = await start({ bodyLimit: '100kb' });
    const { body, headers } = genuine({ body: transcript(200_000) });
    const length = hasLength ? { 'content-length': String(body.length) } : {};
    const request = openRequest(url + PATH, { ...headers, ...(length as Record<string, string>) });
    request.write(body);
    request.end();
    const reply = await request.reply;
    expect(reply).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
    expect(reply.body.message).toContain('102400 bytes');
  });

  it('takes what is exactly as large', async () => {
    const body = Buffer.from(JSON.stringify(callEnded()));
    const { url } = await start({ bodyLimit: body.length });
    expect(await deliver(url, { body })).toMatchObject({ status: 200 });
    expect(await deliver(url, { body: `${body.toString()} ` })).toMatchObject({ status: 413 });
  });

  it('cuts off a sender that does not stop', async () => {
    const { url } = await start({ bodyLimit: 1024 });
    const { headers } = genuine();
    const request = openRequest(url + PATH, headers);
    const flood = setInterval(() => request.write(Buffer.alloc(4_000_000)), 1);
    const ended = await request.reply.then(
      ({ status }) => status,
      (error: unknown) => (error as { code: string }).code,
    );
    clearInterval(flood);
    request.destroy();
    expect([413, 'ECONNRESET', 'EPIPE']).toContain(ended);
  });
});

describe('a request condemned by its headers', () => {
  it.each<[string, number, object, object?]>([
    ['missing_header', 401, { 'x-webhook-id': '' }],
    ['malformed_header', 401, { 'x-webhook-signature': 't=1,v1=2' }],
    ['timestamp_out_of_tolerance', 401, genuine({ timestamp: 1_000_000_000 }).headers],
    ['unknown_endpoint', 404, { 'x-tenant': 'unheard of' }],
    ['unknown_endpoint', 404, { 'x-tenant': 'unheard of' }, { accept: () => true }],
  ])('as %s is answered before its body is read, and logged', async (...given) => {
    const [code, status, headers, options] = given;
    const logger = new LogCollector();
    const secret = ({ headers: sent }: SecretRequest) => (sent['x-tenant'] ? null : SECRET);
    const { url } = await start({ secret, secretHeaders: ['x-tenant'], ...options }, { logger });
    const request = openRequest(url + PATH, {
      ...genuine().headers,
      ...(headers as Record<string, string>),
      'content-length': '1000000',
    });
    // Nothing of the body has been sent, nor ever will be.
    const reply = await request.reply;
    request.destroy();
    expect(reply).toMatchObject({ status, body: { code } });
    const line = new RegExp(`^Delivery on default: refused in \\d+ ms: ${code}`);
    expect(logger.of('warn')).toContainEqual(expect.stringMatching(line));
  });
});

describe('a sender that goes away in the middle of a body', () => {
  it('is forgotten, and leaves no error behind', async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', onUnhandled);
    onTestFinished(() => void process.off('unhandledRejection', onUnhandled));
    const logger = new LogCollector();
    const { app, url, received } = await start({}, { logger });
    const { body, headers } = genuine();
    const request = openRequest(url + PATH, { ...headers, 'content-length': String(body.length) });
    request.write(body.subarray(0, 100));
    await eventually(() => app.get(InFlight).size === 1);
    request.destroy();
    await request.reply.catch(() => undefined);
    await eventually(() => app.get(InFlight).size === 0);
    expect(await deliver(url)).toMatchObject({ status: 200 });
    expect(received).toHaveLength(1);
    expect([...unhandled, ...logger.of('error')]).toEqual([]);
  });
});

describe('a sender that holds its body open', () => {
  it('does not hold up the closing of the app for longer than shutdownTimeout', async () => {
    const imports = [RevragWebhookModule.forRoot({ secret: SECRET, shutdownTimeout: 50 })];
    const { app, url } = await startApp({ imports, providers: [Calls] });
    const { body, headers } = genuine();
    const request = openRequest(url + PATH, { ...headers, 'content-length': String(body.length) });
    request.write(body.subarray(0, 100));
    await eventually(() => app.get(InFlight).size === 1);
    // Without that it would be Node's own limit for a request, which is minutes.
    await app.close();
    await expect(request.reply).rejects.toThrow();
  });
});

describe('other routes', () => {
  const json = { 'content-type': 'application/json' };

  it('are parsed as before, also with the headers of a delivery [pitfall 28]', async () => {
    const { url } = await start();
    for (const headers of [json, genuine().headers]) {
      const reply = await post(`${url}/echo`, { body: '{"a":1}', headers });
      expect(reply).toMatchObject({ status: 201, body: { body: { a: 1 }, hasRawBody: false } });
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await post(`${url}/echo`, { body: 'a=1', headers: form });
    expect(reply.body).toMatchObject({ body: { a: '1' } });
  });

  it('keep their limits', async () => {
    const { url } = await start();
    const body = JSON.stringify({ a: 'x'.repeat(2_000_000) });
    for (const headers of [json, genuine().headers]) {
      expect(await post(`${url}/echo`, { body, headers })).toMatchObject({ status: 413 });
    }
  });

  it('keep their raw body where the app asks for it', async () => {
    const { url } = await start({}, { rawBody: true });
    const reply = await post(`${url}/echo`, { body: '{"a":1}', headers: json });
    expect(reply.body).toEqual({ body: { a: 1 }, hasRawBody: true });
  });

  it('of which the path begins like the endpoint are others', async () => {
    const { url } = await start();
    for (const path of [`${PATH}s`, `${PATH}/more`, `/api${PATH}`]) {
      expect(await post(url + path, genuine())).toMatchObject({ status: 404 });
    }
  });
});
