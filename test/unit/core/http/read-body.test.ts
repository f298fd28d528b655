import { createServer, request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RevragWebhookError } from 'nestjs-revrag-webhook';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BodyPool } from '../../../../lib/core/http/body-pool.js';
import { checkBodyHeaders, readBody } from '../../../../lib/core/http/read-body.js';
import { leaveBody } from '../../../../lib/core/http/unwanted-body.js';

const KB_64 = 64 * 1024;

interface Sending {
  readonly method?: string;
  readonly headers?: Record<string, string | number>;
  readonly pieces?: readonly string[];
  /** Leaves the request open. */
  readonly isOpen?: boolean;
}

/** Sends a request to a real server, and gives what the server makes of it. */
async function received<T>(
  { method = 'POST', headers = {}, pieces = [], isOpen }: Sending,
  receive: (request: IncomingMessage, leave: () => void) => T | Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      const made = receive(request, () => outgoing.destroy());
      void Promise.resolve(made)
        .then(resolve, reject)
        .finally(() => response.end());
    });
    let outgoing: ReturnType<typeof send>;
    onTestFinished(() => {
      outgoing.destroy();
      server.closeAllConnections();
      server.close();
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      outgoing = send({ port, host: '127.0.0.1', method, headers, agent: false });
      outgoing.on('error', () => undefined);
      outgoing.flushHeaders();
      for (const piece of pieces) outgoing.write(piece);
      if (!isOpen) outgoing.end();
    });
  });
}

describe('the headers of a body', () => {
  it.each<[IncomingMessage['headers'], string | undefined]>([
    [{}, undefined],
    [{ 'content-encoding': 'identity' }, undefined],
    [{ 'content-encoding': 'IDENTITY' }, undefined],
    [{ 'content-encoding': 'gzip' }, 'unsupported_encoding'],
    [{ 'content-encoding': '' }, 'unsupported_encoding'],
    [{ 'content-length': '100' }, undefined],
    [{ 'content-length': '101' }, 'body_too_large'],
  ])('%j: %s', (headers, code) => {
    const check = () => checkBodyHeaders(headers, 100);
    if (code === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe('a body that is read', () => {
  const limit = 10;
  const CHUNKED = { 'transfer-encoding': 'chunked' };
  const goesOn = new Promise<never>(() => undefined);
  const never = () => undefined;
  const outcome = (sending: Sending, pool = new BodyPool(1_000)) =>
    received(sending, request =>
      readBody(request, limit, pool.share(never), goesOn).then(
        body => body?.toBuffer().toString() ?? 'gone',
        (error: unknown) => (error as RevragWebhookError).code,
      ),
    );

  it('is its pieces, up to the limit', async () => {
    expect(await outcome({})).toBe('');
    expect(await outcome({ headers: CHUNKED, pieces: ['one', 'two', 'four'] })).toBe('onetwofour');
    expect(await outcome({ headers: { 'content-length': 3 }, pieces: ['one'] })).toBe('one');
  });

  it('is refused as soon as it exceeds the limit, though its sender goes on', async () => {
    const sending = { headers: CHUNKED, pieces: ['123456', '78901'], isOpen: true };
    expect(await outcome(sending)).toBe('body_too_large');
  });

  it('is refused where the memory for all is used up', async () => {
    const pool = new BodyPool(100);
    pool.share(never).grow(98);
    expect(await outcome({ headers: CHUNKED, pieces: ['12'] }, pool)).toBe('12');
    expect(await outcome({ headers: CHUNKED, pieces: ['123'], isOpen: true }, pool)).toBe(
      'overloaded',
    );
  });

  it('is gone with its sender', async () => {
    const result = await received(
      { headers: { 'content-length': 9 }, pieces: ['one'], isOpen: true },
      (request, leave) => {
        request.once('data', leave);
        return readBody(request, limit, new BodyPool(1_000).share(never), goesOn);
      },
    );
    expect(result).toBeUndefined();
  });

  it('that takes too long ends with the error of that, and takes no more memory', async () => {
    const pool = new BodyPool(1_000);
    const error = new Error('late');
    const held = await received({ headers: CHUNKED, pieces: ['one', 'two'] }, async request => {
      const late = new Promise<never>((_resolve, reject) => {
        request.once('data', () => reject(error));
      });
      const reading = readBody(request, limit, pool.share(never), late);
      await expect(reading).rejects.toBe(error);
      await new Promise(resolve => request.once('close', resolve));
      return pool.used;
    });
    expect(held).toBe('one'.length);
  });
});

describe('a body that is left unread', () => {
  const closes = (sending: Sending) => received(sending, request => leaveBody(request));

  it('keeps the connection if it is known to have at most 64 KiB', async () => {
    const open = { isOpen: true };
    expect(await closes({ headers: { 'content-length': KB_64 }, ...open })).toBe(false);
    expect(await closes({ headers: { 'content-length': KB_64 + 1 }, ...open })).toBe(true);
    expect(await closes({ headers: { 'content-length': 0 } })).toBe(false);
    expect(await closes({ method: 'GET' })).toBe(false);
    expect(await closes({ headers: { 'transfer-encoding': 'chunked' }, ...open })).toBe(true);
  });

  it('is read if it is small, so that the next request can follow', async () => {
    const ended = await received(
      { headers: { 'content-length': 5 }, pieces: ['small'] },
      request =>
        new Promise<boolean>(resolve => {
          leaveBody(request);
          request.once('end', () => resolve(true));
        }),
    );
    expect(ended).toBe(true);
  });
});
